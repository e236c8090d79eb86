// AVX2 with FMA: Haswell, Zen and later. No exact u8 x s8 product exists there (vpmaddubsw saturates), so codes are
// widened to s16 and multiplied with vpmaddwd; packed weights are s16 already. Tiles of 4 x 16.
#if defined(__x86_64__)
#include <immintrin.h>
#include "../include/CKernels.h"

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#include "../vec16.h"

#define GEMM_ROWS 4
#define GEMM_VECTORS 1
#define REGISTER_LANES 8
#define REGISTER_CONSTRAINT "+v"
#define WEIGHT_BYTES 128
#include "../bodies/weights16.inc"
#include "halves.inc"

// The products of the even codes plus those of the odd codes of every group of four.
INLINE __m256i dot_widened(__m256i acc, __m256i a, __m256i even, __m256i odd) {
    const __m256i low = _mm256_and_si256(a, _mm256_set1_epi16(0xff)), high = _mm256_srli_epi16(a, 8);
    return _mm256_add_epi32(_mm256_add_epi32(acc, _mm256_madd_epi16(low, even)), _mm256_madd_epi16(high, odd));
}

INLINE s32x16 dot_vectors(s32x16 acc, u8x64 a, s8x64 b) {
    const __m256i low = LOW(b), high = HIGH(b);
    return joined(dot_widened(LOW(acc), LOW(a), _mm256_srai_epi16(_mm256_slli_epi16(low, 8), 8), _mm256_srai_epi16(low, 8)),
                  dot_widened(HIGH(acc), HIGH(a), _mm256_srai_epi16(_mm256_slli_epi16(high, 8), 8), _mm256_srai_epi16(high, 8)));
}

INLINE s32x16 dot_rows(s32x16 acc, int32_t codes, weights_vector b) {
    const __m256i a = _mm256_set1_epi32(codes);
    return joined(dot_widened(LOW(acc), a, LOW(b.even), LOW(b.odd)), dot_widened(HIGH(acc), a, HIGH(b.even), HIGH(b.odd)));
}

#include "../bodies/dots.inc"
#include "../bodies/kernels.inc"
#pragma clang attribute pop

const ck_kernels ck_kernels_avx2 = CK_TABLE_OPENS("avx2")
#define CK_KERNEL(name, operands) .name = name,
#include "../include/kernels.inc"
#undef CK_KERNEL
};
#endif
