// Operands of the float32 kernels: matrix product and rows. They serve heads and the float reference of a
// network.
#pragma once
#include "CKernels.h"

// Product of `rows` x (`segments` * `depth`) floats with b[segments * depth][columns].
//
// out[r][c] = activation(y), y = bias[c], then y = fma(a[r][k], b[k][c], y) for rising k: one chain per
// output. Rows of `a` are as in ck_gemm, in floats: a convolution is a product with one segment per kernel
// row.
// Epilogues: CK_FLOAT, CK_FLOAT_GELU, CK_FLOAT_QUICK_GELU, CK_FLOAT_RELU6, CK_FLOAT_RESIDUAL.
// Unit: one block of block_rows rows.
// - Requires: b_stride a multiple of CK_LANES, at least `columns`. An odd multiple spreads the rows of a deep
//   `b` over the sets of the caches; powers of two are slow.
typedef struct ck_f32_gemm {
    const float *a;
    size_t rows, row_width, row_stride, row_pitch;
    size_t segments, segment_stride, depth;
    const float *b;
    size_t columns, b_stride;     // any number of columns; what lies behind them in `b` is read, never used
    size_t block_rows;
    ck_epilogue epilogue;
    const float *bias;            // [columns rounded up to CK_LANES], or NULL: 0
    float *out;                   // exactly `columns` of each row are written
    size_t out_stride;
    const float *residual;        // same shape as out; may be out itself
    size_t residual_stride;
} ck_f32_gemm;

// The same operands for f32_transposed_2x2, a transposed convolution 2 x 2 with stride 2: every output pixel
// depends on one input pixel. columns = 4 * channels in the order [dy][dx][channel]; row_width and row_pitch
// describe the input map [rows / row_width, row_width]; `out` is the dense map [2 * height, 2 * width,
// channels]; out_stride and block_rows are not read.
// Unit: one input row.
// - Requires: no residual; b_stride and the length of `bias` at least 2 * channels + (2 * channels rounded up
//   to CK_LANES).

// Rows of float32 as unit vectors in int8.
//
// code = rint(x * (127 / max |x|)), stored as code + 128; scale = 1 / sqrt(sum of code^2). A row of zeros has codes 0 and
// scale 0. What lies behind `width` codes is not written.
// Unit: one row.
// - Requires: finite values; width at most 65,536.
typedef struct ck_unit_rows {
    const float *in;
    size_t width, in_stride;
    uint8_t *codes;               // rows code_stride apart
    size_t code_stride;
    float *scale;                 // [rows]
} ck_unit_rows;

// Rows of float32 of any width.
//
// f32_softmax: p = exp((x - max x) * factor), out = p / sum p; no p is less than 2^-126.
// f32_l2_normalise: out = x / max(sqrt(sum x * x), 1e-12).
// Unit: one row.
typedef struct ck_float_rows {
    const float *in;
    size_t width, in_stride;
    float factor;                 // f32_softmax: 1 / temperature, at least 0
    float *out;                   // may be `in`
    size_t out_stride;
} ck_float_rows;

// Attention to a few keys: number 4 k + h of a row of 32 floats, plus that of `offsets`, is the score x of key k for head h.
// It becomes p = exp(x - max x) / sum exp(x - max x), over the keys of its head. What lies behind the last key stays.
// Unit: one row.
enum { CK_KEY_ROW = 32 };
typedef struct ck_key_softmax {
    float *rows;                  // [rows, CK_KEY_ROW], in place
    const float *offsets;         // [CK_KEY_ROW]
    size_t keys;                  // 1 to 8
} ck_key_softmax;
