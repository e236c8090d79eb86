// What the scalar kernels share: the order of sums, rounding, and the float functions.
#pragma once
#include "../include/CKernels.h"
#include "../functions.h"
#include <math.h>
#include <string.h>

enum { LANES = CK_LANES };

// Sums run in 16 lanes that are folded by adding the upper half to the lower.
static float fold(float lane[LANES]) {
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++) lane[i] += lane[i + half];
    return lane[0];
}

static float clampf(float x, float low, float high) {
    x = x > low ? x : low;
    return x < high ? x : high;
}

static int32_t clamp(int32_t x, int32_t low, int32_t high) { return x < low ? low : x > high ? high : x; }

static float polynomial(float x, const float *c, int count) {
    float p = c[0];
    for (int i = 1; i < count; i++) p = fmaf(p, x, c[i]);
    return p;
}

// 2^t for t in [-126, 126].
static float exp2_with(float t, const float *c, int count) {
    const float n = (t + CK_ROUNDER) - CK_ROUNDER;
    return ldexpf(polynomial(t - n, c, count), (int)n);
}

static float exponential(float x) {
    static const float c[] = {CK_EXP2_5};
    return exp2_with(clampf(x * CK_LOG2E, -126, 126), c, 6);
}

static float gelu(float x) {
    static const float k[] = {CK_GELU};
    const float c = clampf(x, -CK_GELU_LIMIT, CK_GELU_LIMIT);
    return x * fmaf(c, polynomial(c * c, k, 9), 0.5f);
}

static float quick_gelu(float x) { return x / (exponential(x * -CK_QUICK_GELU) + 1.0f); }

static int32_t round_to_even(float x) { return (int32_t)rintf(x); }

// What a float epilogue makes of `y`; `residual` is read by one of them.
static float activated(ck_epilogue epilogue, float y, const float *residual) {
    switch (epilogue) {
    case CK_FLOAT_GELU: return gelu(y);
    case CK_FLOAT_QUICK_GELU: return quick_gelu(y);
    case CK_FLOAT_RELU6: return clampf(y, 0, 6);
    case CK_FLOAT_RESIDUAL: return y + *residual;
    default: return y;
    }
}
