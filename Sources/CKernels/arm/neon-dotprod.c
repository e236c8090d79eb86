// NEON with the dot product extension: Cortex-A55, A75 and later, Neoverse N1. Tiles of 6 x 16.
//
// Its dot products take two signed or two unsigned operands. The matrix product is unsigned: packed weights are w + 128, and
// 128 times the sum of a row's codes is taken away at the end. This correction belongs to the row, so packed weights are no
// larger than elsewhere, codes go from memory into the product as they are, and the sum costs one product of sixteen where
// the row takes part in sixteen. The depthwise convolution has a sum for every pixel, but few weights per channel: it is
// signed, codes are flipped while rows are interleaved, and 128 times the sum of the weights is added once per line.
#if defined(__aarch64__)
#include <arm_neon.h>
#include "../include/CKernels.h"

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("arch=armv8.2-a+dotprod"))), apply_to = function)

#include "../vec16.h"

#define GEMM_ROWS 6
#define GEMM_VECTORS 1
#define REGISTER_LANES 4
#define REGISTER_CONSTRAINT "+w"
#define WEIGHT_BYTES 64
#define WEIGHT_FLIP 0x80
#define CODE_FLIP 0x80
#include "../bodies/weights8.inc"
#include "quarters.inc"

INLINE s32x16 dot_vectors(s32x16 acc, u8x64 a, s8x64 b) {
    return EACH_QUARTER(vdotq_s32(QUARTER(acc, q), (int8x16_t)QUARTER(a, q), (int8x16_t)QUARTER(b, q)));
}

INLINE s32x16 dot_bias(s32x16 acc, s8x64 b) { return acc - dot_vectors(splat_s32(0), (u8x64){0} + (uint8_t)0x80, b); }

#include "lanes.inc"
#include "../bodies/kernels.inc"
#pragma clang attribute pop

const ck_kernels ck_kernels_neon_dotprod = CK_TABLE_OPENS("neon-dotprod")
#define CK_KERNEL(name, operands) .name = name,
#include "../include/kernels.inc"
#undef CK_KERNEL
};
#endif
