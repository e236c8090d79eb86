// Operands of the nearest neighbours search in a bank of int8 vectors.
#pragma once
#include "CKernels.h"

// The `k` best rows of a bank for every query, by score descending; among equal scores the lowest index comes
// first.
//
// score = fma(row_scale * column_scale, float(query . bank row), bias) is what `product` computes with
// CK_FLOAT: the queries are its rows, the packed bank its columns; the integer in it is exact.
//  - cosine of unit vectors: bias 0; row_scale and column_scale are the scales of the codes.
//  - L2: column_scale = 2 * the scale of the bank row, bias = -|bank row|^2, and `squares` = |query|^2. Then
//    the distance max(squares - score, 0) is stored in place of the score, and rises along the k places.
// `product` has one segment and dense rows; its epilogue, `out`, `out_stride`, `panels`, `row_width`, `count`, `row_maximum`,
// `row_best` and `block_rows` are set by the kernel, `offset` is NULL.
// Unit: one block of block_rows queries; each reads the bank once, so tall blocks are faster for k = 1, of which the product
// keeps the best itself; ranking more of them, low blocks, whose scores against more of the bank are in scratch at a time.
// - Requires: block_rows <= CK_NEAREST_ROWS, k <= CK_NEAREST_MOST; CK_NEAREST_SCRATCH bytes of scratch; no
//   NaN among the scores. product.columns is `count` rounded up to CK_LANES.
enum {
    CK_NEAREST_ROWS = 128,
    CK_NEAREST_MOST = 32,
    CK_NEAREST_COLUMNS = 256, // bank rows whose scores are in scratch at a time, times 128 / block_rows
    CK_NEAREST_SCRATCH = CK_NEAREST_ROWS * (CK_NEAREST_COLUMNS + 4 * CK_LANES) * 4,
};

typedef struct ck_nearest {
    ck_gemm product;
    size_t count;                 // rows of the bank, at most 2^31 - 1
    size_t block_rows, k;
    const float *squares;         // [queries], or NULL: scores are stored
    float *score;                 // [queries, k]; -inf where the bank has fewer than k rows
    int32_t *index;               // [queries, k]; -1 there
} ck_nearest;
