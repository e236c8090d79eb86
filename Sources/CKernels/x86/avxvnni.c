// AVX-VNNI: Alder Lake and later, Zen 5; 256 bits. Tiles of 6 x 16.
#if defined(__x86_64__)
#include <immintrin.h>
#include "../include/CKernels.h"

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx2,fma,avxvnni"))), apply_to = function)

#include "../vec16.h"

#define GEMM_ROWS 6
#define GEMM_VECTORS 1
#define REGISTER_LANES 8
#define REGISTER_CONSTRAINT "+v"
#define WEIGHT_BYTES 64
#include "../bodies/weights8.inc"
#include "halves.inc"

INLINE s32x16 dot_vectors(s32x16 acc, u8x64 a, s8x64 b) {
    return joined(_mm256_dpbusd_avx_epi32(LOW(acc), LOW(a), LOW(b)), _mm256_dpbusd_avx_epi32(HIGH(acc), HIGH(a), HIGH(b)));
}

INLINE s32x16 dot_rows(s32x16 acc, int32_t codes, weights_vector b) {
    const __m256i a = _mm256_set1_epi32(codes);
    return joined(_mm256_dpbusd_avx_epi32(LOW(acc), a, LOW(b)), _mm256_dpbusd_avx_epi32(HIGH(acc), a, HIGH(b)));
}

#include "../bodies/dots.inc"
#include "../bodies/kernels.inc"
#pragma clang attribute pop

const ck_kernels ck_kernels_avxvnni = CK_TABLE_OPENS("avxvnni")
#define CK_KERNEL(name, operands) .name = name,
#include "../include/kernels.inc"
#undef CK_KERNEL
};
#endif
