// The SIMD kernels of Linewatch: what they compute, on which operands, and the table that an instruction set offers.
//
// Every table computes the same function to the bit, integers and floats alike:
//  - activations are u8 codes with a zero point, weights s8 codes in [-127, 127], accumulators exact int32;
//  - a float expression is written once, with one order of operations and fused multiply-add wherever it says `fma`;
//  - sums of a row run in 16 lanes (element i in lane i mod 16) that are folded 16, 8, 4, 2, 1 by adding the upper half;
//  - division and square root are correctly rounded, rounding to integer is to nearest even.
// The scalar table (scalar.c, scalar/) is the definition. `bodies/` holds the one vector form that every instruction set
// compiles.
//
// Kernels allocate nothing, log nothing, keep no state. Their operands are prepared once by the caller, who also
// guarantees what the comments demand: nothing is checked here.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include "camera.h"

enum {
    CK_ALIGNMENT = 64, // of every buffer that a kernel reads or writes
    CK_OVERREAD = 64,  // bytes behind every activation buffer that may be read (never used, never written)
    CK_LANES = 16,     // channels and columns are padded to a multiple of this
};

// What becomes of an accumulator.
typedef enum ck_epilogue {
    CK_INT32,                // out[i32] = acc + offset - row_zero * column_sum
    CK_FLOAT,                // out[f32] = fma(row_scale * column_scale, float(acc + offset - row_zero * column_sum), bias)
    CK_FLOAT_GELU,           // gelu of it (x * Phi(x))
    CK_FLOAT_QUICK_GELU,     // x / (1 + exp(-1.702 x)) of it
    CK_FLOAT_RELU6,          // min(max(it, 0), 6)
    CK_FLOAT_RESIDUAL,       // it + residual[f32]
    CK_SCORES,               // it, and row_maximum[row][column mod 16] becomes the greatest so far
    CK_BEST,                 // it, kept where it is greater than row_maximum[row][column mod 16], its column in row_best; no out
    CK_CODES,                // out[u8] = clamp(rint(y), low, high), y = fma(float(acc + offset), column_scale, zero)
    CK_CODES_RESIDUAL,       // ... rint(fma(float(residual - residual_zero), residual_scale, y))
} ck_epilogue;

// Product of `rows` x (`segments` * `depth`) codes with packed weights of `columns` columns.
//
// Row r starts at a + (r / row_width) * row_pitch + (r mod row_width) * row_stride and consists of `segments` runs of
// `depth` codes, `segment_stride` bytes apart. A matrix has row_width = rows and one segment; a convolution has
// the output width as row_width and one segment per kernel row (depth = kernel width * channels, rounded up to 4 with
// zero weights).
// Unit: one panel of one block: unit u is panel u mod panels of block u / panels; a block is `block_rows` rows.
// - Requires: depth a multiple of 4, columns a multiple of CK_LANES, segments * depth <= 65,536;
//   row_width a multiple of block_rows or block_rows a multiple of row_width.
typedef struct ck_gemm {
    const uint8_t *a;
    size_t rows, row_width, row_stride, row_pitch;
    size_t segments, segment_stride, depth;
    const void *b;                // ck_pack
    size_t columns, panels;       // panels = ck_panels(columns)
    size_t block_rows;
    ck_epilogue epilogue;
    void *out;
    size_t out_stride;            // elements from one row to the next
    const float *row_scale;       // [rows], or NULL: 1
    const int32_t *row_zero;      // [rows], or NULL: 0
    const float *column_scale;    // [columns]
    const int32_t *column_sum;    // [columns] sum of the weights; read with row_zero only
    const float *bias;            // [columns] float epilogues
    const int32_t *offset;        // [columns], or NULL: 0. Codes epilogues: bias / scale - zero point * column sum; float ones:
                                  // - zero point * column sum where all rows have the same
    float *row_maximum;           // [rows, CK_LANES], CK_SCORES and CK_BEST only
    int32_t *row_best;            // [rows, CK_LANES], CK_BEST only
    size_t count;                 // columns that CK_BEST compares
    const void *residual;         // f32 or u8, same shape as out; may be out itself
    size_t residual_stride;
    float residual_scale;
    int32_t residual_zero, zero, low, high;
} ck_gemm;

// out = residual + W2 . activation(W1 . a): two products, the hidden rows quantised per row in between.
//
// Unit: one block of block_rows rows (at most CK_MLP_ROWS).
// `first` has a float epilogue with activation, `second` CK_FLOAT_RESIDUAL; their `a`, `out` and row quantisation of the hidden
// rows are set by the kernel, which keeps them in scratch.
enum { CK_MLP_ROWS = 64, CK_MLP_WIDTH = 4096 };

typedef struct ck_mlp {
    ck_gemm first, second;
    size_t rows, block_rows;
    const float *factors; // [hidden] multiplied in before quantisation, or NULL
} ck_mlp;

// Depthwise convolution of [height, width, channels] codes, k x k taps, channel-last.
//
// out[u8] = clamp(rint(fma(float(acc + offset), scale, zero)), low, high). Rows and columns outside the input read as
// `input_zero`.
// Unit: one output row.
// - Requires: kernel 3 or 5, stride 1 or 2, channels a multiple of CK_LANES; (width + 8) * 512 bytes of scratch.
typedef struct ck_depthwise {
    const uint8_t *in;
    size_t height, width, channels;
    size_t kernel, stride, pad_top, pad_left;
    size_t out_height, out_width;
    const void *weights;          // ck_pack_depthwise
    const float *scale;           // ck_kernels.pack_depthwise_channels
    const int32_t *offset;        // likewise
    int32_t input_zero, zero, low, high;
    uint8_t *out;
} ck_depthwise;

// Rows of float32, normalised and quantised.
//
// f32_qd8_rows: x = layer norm (if gain), times factors (if given); lo = min(0, min x), hi = max(0, max x);
//   range = hi - lo; inv = 255 / range; scale = range / 255; zero = rint(-lo * inv);
//   code = min(rint(x * inv) + zero, 255). An all-zero row has scale 1, zero 0. Into `rest`, if there is one, goes what the
//   codes leave: fma(-(code - zero), scale, x).
// f32_layer_norm: the same without quantisation, to `normalised` (may be `in`).
// Layer norm: y = fma((x - mean) * r, gain, shift), r = 1 / sqrt(variance + epsilon), variance of x - mean.
// Unit: one row.
// - Requires: width a multiple of CK_LANES, at most 4 * CK_MLP_WIDTH.
typedef struct ck_rows {
    const float *in;
    size_t width, in_stride;
    const float *gain, *shift; // [width], or NULL
    float epsilon;
    const float *factors;      // [width], or NULL
    uint8_t *codes;            // [rows, width]
    float *scale;              // [rows]
    int32_t *zero;             // [rows]
    float *rest;               // f32_qd8_rows: [rows, width], or NULL
    float *normalised;         // f32_layer_norm: [rows, normalised_stride]
    size_t normalised_stride;
} ck_rows;

// Multi-head attention over rows of qkv = [q | k | v], each `heads` * `head_width` wide.
//
// q and k are quantised per row and head, v per channel, symmetric: code = rint(x * (127 / max)), scale = max / 127.
// v_ij = fma(k_scale_j, float(q_i . k_j), 0 or -1e30 for a masked key); factor_i = max(q_scale_i * log2(e) / sqrt(head_width), 1e-20);
// t = max(fma(v_ij, factor_i, -(max_j v_ij * factor_i)), -16), with max_j v_ij subtracted from v_ij beforehand, and 0 in its
// place, if |max_j v_ij * factor_i| > 4096; p = rint(255 * 2^t), the power by its floor and a polynomial;
// out = fma(v_scale * (1 / sum p), float(p . v), 0).
// With `fine`, two codes for each: t is at least -18, p = rint(256 * 255 * 2^t) = 256 high + low;
// out = fma(v_scale * (256 / sum p), float(high . v), 0) + fma(v_scale * (1 / sum p), float(low . v), 0).
// Units: f32_qd8_pack_attention: one head. qd8_attention: one block of CK_QUERIES queries of one head, head first
// (unit u is block u mod blocks of head u / blocks).
// - Requires: head_width 32 or a multiple of 64 up to 128; padded = tokens rounded up to 32.
enum { CK_QUERIES = 12 };

typedef struct ck_attention {
    const float *qkv;
    size_t qkv_stride;
    size_t tokens, padded, heads, head_width;
    int32_t causal;                 // nonzero: query i sees keys up to i
    int32_t fine;                   // nonzero: probabilities in 16 bits
    void *keys, *values;            // [heads] of ck_packed_bytes(padded, head_width), (head_width, padded)
    int32_t *key_sum;               // [heads, padded] 128 * the sum of a key's codes
    float *key_scale, *key_bias;    // [heads, padded], [padded]
    float *value_scale;             // [heads, head_width]
    float *out;                     // [tokens, out_stride]
    size_t out_stride;
} ck_attention;

// out = in inside, `fill` around it: `before` bytes in front of each row and the rest of out_pitch behind it, `above` rows above.
// Unit: one output row.
typedef struct ck_pad {
    const uint8_t *in;
    size_t row_bytes, rows, in_pitch;
    size_t above, before;
    uint8_t *out;
    size_t out_pitch, out_rows;
    uint8_t fill;
} ck_pad;

// out[i] = fma(scale[id], code[id], position[i]); unit: one token.
typedef struct ck_embed {
    const int32_t *ids;
    const int8_t *codes;     // [vocabulary, width]
    const float *scale;      // [vocabulary]
    const float *positions;  // [tokens, width]
    size_t width;
    float *out;              // [tokens, width]
} ck_embed;

// out = (sum of in over rising rows) / rows; one unit.
typedef struct ck_mean_of_rows {
    const float *in;
    size_t rows, width, in_stride;
    float *out;
} ck_mean_of_rows;

// out = a + b, row by row; unit: one row. `out` may be `a` or `b`.
typedef struct ck_sum {
    const float *a, *b;      // [rows, width]
    size_t width;
    float *out;              // [rows, width]
} ck_sum;

#include "floats.h"
#include "images.h"
#include "nearest.h"

// The kernels of one instruction set, and the layout of its packed weights.
typedef struct ck_kernels {
    const char *name;
    size_t panel_columns;  // columns of a full panel; the last one may have CK_LANES
    size_t weight_bytes;   // bytes of 4 codes of CK_LANES columns in packed weights
#define CK_KERNEL(name, operands) void (*name)(const operands *op, size_t begin, size_t end, void *scratch);
#include "kernels.inc"
#undef CK_KERNEL
    // Packs weights w[columns][depth] (row-major, depth a multiple of 4, columns of CK_LANES).
    void (*pack)(const int8_t *w, size_t columns, size_t depth, void *out);
    // Packs weights w[kernel][kernel][channels] of a depthwise convolution.
    void (*pack_depthwise)(const int8_t *w, size_t kernel, size_t channels, void *out);
    // Reorders one 4-byte value per channel (scale, offset) the same way; writes round_up(channels, 64) values.
    void (*pack_depthwise_channels)(const uint32_t *in, size_t channels, uint32_t *out);
    // Runs `steps` rounds of independent dot products on registers and returns the multiply-adds done: timed, it gives
    // the ceiling that qu8_qc8w_gemm is measured against.
    uint64_t (*peak)(uint64_t steps);
} ck_kernels;

const ck_kernels *ck_kernels_for(const char *name); // NULL if this build or this CPU lacks it
const ck_kernels *ck_kernels_best(void);            // never NULL
// The name of table `index` of those compiled in, best first; NULL past the end. `available` says if this CPU runs it.
const char *ck_kernels_name(size_t index, int *available);

size_t ck_panels(const ck_kernels *kernels, size_t columns);
size_t ck_packed_bytes(const ck_kernels *kernels, size_t columns, size_t depth);
size_t ck_packed_depthwise_bytes(size_t kernel, size_t channels);
// Bytes of scratch that any kernel needs for rows up to `width`, `tokens` keys and images up to `image_width`.
size_t ck_scratch_bytes(size_t width, size_t tokens, size_t image_width);
// Bytes of scratch of f32_bilinear.
size_t ck_bilinear_scratch_bytes(size_t width, size_t channels, size_t out_width);
