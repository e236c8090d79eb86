// Vectors of 16 lanes and the float functions on them, in clang's portable vector extension.
//
// Included inside the target region of one instruction set, so that it is compiled for that set: 16 floats are one zmm,
// two ymm or four q registers. Nothing here may be contracted or reordered: identity to the bit on every set is
// the product's promise. The including file provides `rint_s32` (round to nearest even) because C has no portable form
// that compiles to one instruction.
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "functions.h"

// Vectors wider than a register are passed between inlined functions only: no calling convention is involved.
#pragma clang diagnostic ignored "-Wpsabi"

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

typedef float f32x16 __attribute__((ext_vector_type(16)));
typedef float f32x8 __attribute__((ext_vector_type(8)));
typedef float f32x4 __attribute__((ext_vector_type(4)));
typedef int32_t s32x16 __attribute__((ext_vector_type(16)));
typedef uint32_t u32x16 __attribute__((ext_vector_type(16)));
typedef uint8_t u8x64 __attribute__((ext_vector_type(64)));
typedef int8_t s8x64 __attribute__((ext_vector_type(64)));
typedef uint8_t u8x16 __attribute__((ext_vector_type(16)));
typedef uint8_t u8x32 __attribute__((ext_vector_type(32)));
typedef int8_t s8x16 __attribute__((ext_vector_type(16)));

#define VECTOR_MEMORY(vector, element, name)                                                                         \
    INLINE vector load_##name(const element *p) {                                                                    \
        vector v;                                                                                                    \
        memcpy(&v, p, sizeof v);                                                                                     \
        return v;                                                                                                    \
    }                                                                                                                \
    INLINE void store_##name(element *p, vector v) { memcpy(p, &v, sizeof v); }
VECTOR_MEMORY(f32x16, float, f32)
VECTOR_MEMORY(s32x16, int32_t, s32)
VECTOR_MEMORY(u8x64, uint8_t, u8x64)
VECTOR_MEMORY(s8x64, int8_t, s8x64)
VECTOR_MEMORY(u8x16, uint8_t, u8)
VECTOR_MEMORY(u8x32, uint8_t, u8x32)
VECTOR_MEMORY(s8x16, int8_t, s8)

INLINE u8x32 joined_u8x16(u8x16 a, u8x16 b) {
    return __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
                                   24, 25, 26, 27, 28, 29, 30, 31);
}
INLINE u8x64 joined_u8x32(u8x32 a, u8x32 b) {
    typedef int64_t s64x4 __attribute__((ext_vector_type(4)));
    return (u8x64)__builtin_shufflevector((s64x4)a, (s64x4)b, 0, 1, 2, 3, 4, 5, 6, 7);
}

INLINE f32x16 splat(float x) { return (f32x16)(x); }
INLINE s32x16 splat_s32(int32_t x) { return (s32x16)(x); }
INLINE f32x16 fma16(f32x16 a, f32x16 b, f32x16 c) { return __builtin_elementwise_fma(a, b, c); }
INLINE f32x16 max16(f32x16 a, f32x16 b) { return a > b ? a : b; }
INLINE f32x16 min16(f32x16 a, f32x16 b) { return a < b ? a : b; }
INLINE s32x16 max_s32(s32x16 a, s32x16 b) { return a > b ? a : b; }
INLINE s32x16 min_s32(s32x16 a, s32x16 b) { return a < b ? a : b; }
INLINE f32x16 abs16(f32x16 a) { return (f32x16)((s32x16)a & 0x7fffffff); }
INLINE f32x16 to_f32(s32x16 v) { return __builtin_convertvector(v, f32x16); }
INLINE u8x16 to_u8(s32x16 v) { return __builtin_convertvector(v, u8x16); }

#define HALVES(v, type, ...) __builtin_shufflevector(v, v, __VA_ARGS__)
// Folds 16, 8, 4, 2, 1: the upper half is combined with the lower.
#define FOLD(name, combine)                                                                                          \
    INLINE float name(f32x16 v) {                                                                                    \
        float lane[16];                                                                                              \
        f32x8 low = HALVES(v, f32x8, 0, 1, 2, 3, 4, 5, 6, 7), high = HALVES(v, f32x8, 8, 9, 10, 11, 12, 13, 14, 15); \
        f32x8 eight = combine(low, high);                                                                            \
        f32x4 lower = HALVES(eight, f32x4, 0, 1, 2, 3), upper = HALVES(eight, f32x4, 4, 5, 6, 7);                    \
        f32x4 four = combine(lower, upper);                                                                          \
        memcpy(lane, &four, 16);                                                                                     \
        float even = combine(lane[0], lane[2]), odd = combine(lane[1], lane[3]);                                     \
        return combine(even, odd);                                                                                   \
    }
#define FOLD_ADD(a, b) ((a) + (b))
#define FOLD_MAX(a, b) ((a) > (b) ? (a) : (b))
#define FOLD_MIN(a, b) ((a) < (b) ? (a) : (b))
FOLD(sum16, FOLD_ADD)
FOLD(greatest16, FOLD_MAX)
FOLD(least16, FOLD_MIN)

INLINE f32x16 horner(f32x16 x, const float *coefficients, int count) {
    f32x16 p = splat(coefficients[0]);
    UNROLL for (int i = 1; i < count; i++) p = fma16(p, x, splat(coefficients[i]));
    return p;
}

// 2^t for t in [-126, 126], with the polynomial `c` of `count` coefficients for the fraction.
INLINE f32x16 exp2_with(f32x16 t, const float *c, int count) {
    f32x16 rounded = t + CK_ROUNDER;
    f32x16 p = horner(t - (rounded - CK_ROUNDER), c, count);
    return (f32x16)((s32x16)p + (s32x16)((u32x16)rounded << 23));
}

// exp(x); arguments are clamped to the range whose result is normal.
INLINE f32x16 exp16(f32x16 x) {
    static const float c[] = {CK_EXP2_5};
    return exp2_with(min16(max16(x * CK_LOG2E, splat(-126)), splat(126)), c, 6);
}

INLINE f32x16 gelu16(f32x16 x) {
    static const float k[] = {CK_GELU};
    f32x16 c = min16(max16(x, splat(-CK_GELU_LIMIT)), splat(CK_GELU_LIMIT));
    return x * fma16(c, horner(c * c, k, 9), splat(0.5f));
}

INLINE f32x16 quick_gelu16(f32x16 x) {
    return x / (exp16(x * -CK_QUICK_GELU) + 1.0f);
}

// The 4 x 4 dwords of a vector, transposed: dword 4 q + l becomes dword 4 l + q.
INLINE u8x64 transposed_lanes(u8x64 v) {
    const u32x16 d = (u32x16)v;
    return (u8x64)__builtin_shufflevector(d, d, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
}
