// NEON with the int8 matrix extension: Cortex-A510, A710, X2 and later, Neoverse V1, N2. Tiles of 6 x 16.
#if defined(__aarch64__)
#include <arm_neon.h>
#include "../include/CKernels.h"

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("arch=armv8.2-a+dotprod+i8mm"))), apply_to = function)

#include "../vec16.h"

#define GEMM_ROWS 6
#define GEMM_VECTORS 1
#define REGISTER_LANES 4
#define REGISTER_CONSTRAINT "+w"
#define WEIGHT_BYTES 64
#include "../bodies/weights8.inc"
#include "quarters.inc"

INLINE s32x16 dot_vectors(s32x16 acc, u8x64 a, s8x64 b) {
    return EACH_QUARTER(vusdotq_s32(QUARTER(acc, q), (uint8x16_t)QUARTER(a, q), (int8x16_t)QUARTER(b, q)));
}

#include "squares.inc"
#include "../bodies/kernels.inc"
#pragma clang attribute pop

const ck_kernels ck_kernels_neon_i8mm = CK_TABLE_OPENS("neon-i8mm")
#define CK_KERNEL(name, operands) .name = name,
#include "../include/kernels.inc"
#undef CK_KERNEL
};
#endif
