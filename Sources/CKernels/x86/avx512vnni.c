// AVX512-VNNI: Cascade Lake, Ice Lake, Sapphire Rapids, Zen 4 and later. Tiles of 12 x 32.
#if defined(__x86_64__)
#include <immintrin.h>
#include "../include/CKernels.h"

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx2,fma,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni"))), apply_to = function)

#include "../vec16.h"

#define GEMM_ROWS 12
#define GEMM_VECTORS 2
#define F32_VECTORS 2
#define REGISTER_LANES 16
#define REGISTER_CONSTRAINT "+v"
#define WEIGHT_BYTES 64
#include "../bodies/weights8.inc"

INLINE s32x16 rint_s32(f32x16 v) { return (s32x16)_mm512_cvtps_epi32((__m512)v); }

INLINE s32x16 dot_vectors(s32x16 acc, u8x64 a, s8x64 b) {
    return (s32x16)_mm512_dpbusd_epi32((__m512i)acc, (__m512i)a, (__m512i)b);
}

INLINE s32x16 dot_rows(s32x16 acc, int32_t codes, weights_vector b) {
    return dot_vectors(acc, (u8x64)splat_s32(codes), b);
}

#define NATIVE_POWERS
INLINE f32x16 fraction16(f32x16 t) { return (f32x16)_mm512_reduce_ps((__m512)t, 0x09); } // t - floor(t)
INLINE f32x16 times_power16(f32x16 p, f32x16 t) { return (f32x16)_mm512_scalef_ps((__m512)p, (__m512)t); }

INLINE u8x64 narrow_lanes(const s32x16 acc[4]) {
    const __m512i low = _mm512_packs_epi32((__m512i)acc[0], (__m512i)acc[1]);
    const __m512i high = _mm512_packs_epi32((__m512i)acc[2], (__m512i)acc[3]);
    return (u8x64)_mm512_packus_epi16(low, high);
}

#define NATIVE_COMPRESS // kept_lanes, lanes_from: see rarity.inc
INLINE size_t kept_lanes(float *out, f32x16 v, f32x16 bound) {
    const __mmask16 kept = _mm512_cmp_ps_mask((__m512)v, (__m512)bound, _CMP_GE_OQ);
    store_f32(out, (f32x16)_mm512_maskz_compress_ps(kept, (__m512)v));
    return (size_t)__builtin_popcount(kept);
}
INLINE int lanes_from(f32x16 v, f32x16 bound) {
    return __builtin_popcount(_mm512_cmp_ps_mask((__m512)v, (__m512)bound, _CMP_GE_OQ));
}

#include "../bodies/dots.inc"
#include "../bodies/kernels.inc"
#pragma clang attribute pop

const ck_kernels ck_kernels_avx512vnni = CK_TABLE_OPENS("avx512vnni")
#define CK_KERNEL(name, operands) .name = name,
#include "../include/kernels.inc"
#undef CK_KERNEL
};
#endif
