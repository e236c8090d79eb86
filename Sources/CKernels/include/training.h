// Rows of float32 as training works through them, forward and back: what is no matrix product in a step.
//
// Unlike the kernels of CKernels.h these may differ in the last bits between instruction sets: training rests on
// OpenBLAS, whose sums do too (METHODS.md 7.3, 10.1). On one machine they are a function of their operands alone.
//
// Any count of floats, any alignment. `adds`: the result is added to what is there, else written.
#pragma once
#include <stddef.h>

// Layer norm of rows: y = (x - mean) / s * gain + bias, s = sqrt(variance + epsilon).
typedef struct ct_norm {
    const float *x;        // [rows, width]
    const float *gain;     // [width], like bias
    const float *bias;
    float *y;              // [rows, width]
    float *moments;        // [rows, 2]: mean and 1 / s; written by layer_norm, read by the others
    const float *dy;       // [rows, width], of the way back
    float *dx;             // [rows, width]
    float *gain_sums;      // [width], added to; NULL if not wanted
    float *bias_sums;      // [width], added to; NULL if not wanted
    size_t width;
    float epsilon;
    int adds;              // of dx
} ct_norm;

typedef struct ct_kernels {
    const char *name;
    // y = x / (1 + exp(-1.702 x)), and dx = its derivative times dy.
    void (*quick_gelu)(const float *x, float *y, size_t count);
    void (*quick_gelu_back)(const float *x, const float *dy, float *dx, size_t count, int adds);
    // y = x Phi(x) by Abramowitz and Stegun 7.1.26, and dx = its derivative times dy.
    void (*gelu)(const float *x, float *y, size_t count);
    void (*gelu_back)(const float *x, const float *dy, float *dx, size_t count, int adds);
    // Replaces a row by exp(x - max) / sum, minus infinity by 0; gives the sum and the maximum. A row of nothing but
    // minus infinity becomes zeros, its sum is 0.
    float (*softmax)(float *row, size_t count, float *most);
    // ds = scale p (dp - p . dp). `ds` may be `dp` where it is written.
    void (*softmax_back)(const float *p, const float *dp, float *ds, float scale, size_t count, int adds);
    // sums[c] += sum over the rows of x[row][c], in the order of the rows.
    void (*column_sums)(const float *x, size_t rows, size_t stride, size_t columns, float *sums);
    // Rows begin up to but not including end.
    void (*layer_norm)(const ct_norm *op, size_t begin, size_t end);
    // dx of these rows.
    void (*layer_norm_back)(const ct_norm *op, size_t begin, size_t end);
    // gain_sums and bias_sums of the columns begin up to but not including end, over `rows` rows.
    void (*layer_norm_sums)(const ct_norm *op, size_t rows, size_t begin, size_t end);
} ct_kernels;

// The best of those that this CPU runs; never NULL.
const ct_kernels *ct_kernels_best(void);
// Table `index` of those compiled in, best first; NULL past the end. `available` says if this CPU runs it.
const ct_kernels *ct_kernels_at(size_t index, int *available);
