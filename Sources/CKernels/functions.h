// What the scalar definitions and the vector forms share: coefficients of the float functions, one polynomial each, and sums
// whose order is the result's.
#pragma once

#define CK_LOG2E 0x1.715476p+0f
// Adding and subtracting it rounds |x| < 2^22 to the nearest even integer, which stays in the low mantissa bits.
#define CK_ROUNDER 0x1.8p+23f

// 2^f for f in [-0.5, 0.5], minimax in relative error 7.5e-8.
#define CK_EXP2_5 0x1.5c08e4p-10f, 0x1.3d0c54p-7f, 0x1.c6b6e4p-5f, 0x1.ebf918p-3f, 0x1.62e428p-1f, 0x1.000002p+0f
// 255 * 2^f for f in [0, 1], minimax in relative error 7.5e-5: for softmax to 8 bits.
#define CK_CODE_EXP2 0x1.3e570cp+4f, 0x1.cd2d52p+5f, 0x1.62e006p+7f, 0x1.fdf63cp+7f
// Less than this power of two is no code.
#define CK_LEAST_POWER -16.0f
// The same for softmax to 16 bits, whose codes are CK_FINE times as many.
#define CK_LEAST_FINE_POWER -18.0f
#define CK_FINE 256.0f
// A maximum further from 0, in powers of two, is subtracted exactly before scores are scaled: its product is not exact.
#define CK_MOST_SHIFT 4096.0f

// Phi(x) - 1/2 = c P(c^2), c = clamp(x, -4.25, 4.25): minimax for x Phi(x), absolute error 5.7e-5, exact 0 and 1 at the ends.
#define CK_GELU_LIMIT 4.25f
#define CK_GELU                                                                                                      \
    0x1.2978400000000p-34f, -0x1.b34e900000000p-28f, 0x1.1821c40000000p-22f, -0x1.a6abd60000000p-18f,               \
        0x1.a729d80000000p-14f, -0x1.2f706e0000000p-10f, 0x1.478f0e0000000p-7f, -0x1.1117ae0000000p-4f,             \
        0x1.98b16e0000000p-2f

#define CK_QUICK_GELU 1.702f
#define CK_MASKED -1e30f

// The means of max(1 - score, 0) over the first `few` and over all `many` of falling scores, -inf behind the last; of as many as
// there are.
static inline __attribute__((always_inline)) void ck_rarity_means(const float *falling, unsigned long few, unsigned long many,
                                                                   float *few_mean, float *many_mean) {
    unsigned long found = 0;
    float sum = 0, first = 0;
    for (; found < many && falling[found] > -__builtin_inff(); found++) {
        const float distance = 1 - falling[found];
        sum += distance > 0 ? distance : 0;
        if (found + 1 == few) first = sum / (float)few;
    }
    *many_mean = found > 0 ? sum / (float)found : 0;
    *few_mean = found < few ? *many_mean : first;
}
