// Operands of searches in a bank of int8 vectors.
#pragma once
#include "CKernels.h"

// The score of a query and a row of the bank is what `product` computes with CK_FLOAT: the queries are its rows, the packed
// bank its columns; the integer in it is exact. For the cosine of unit vectors row_scale and column_scale are the scales of the
// codes, and bias is 0.
// `product` has one segment, and the zero point of all rows in its offset: row_zero is NULL. The kernels set its epilogue, `out`, `out_stride`, `panels`, `row_width`, `count`,
// `row_maximum`, `row_best` and `block_rows`. product.columns is the count of rows rounded up to CK_LANES. No score is NaN.

// The best row of a bank for every query, the first of equal ones.
//
// Unit: one block of block_rows queries; each reads the bank once, so tall blocks are faster.
// - Requires: block_rows <= CK_NEAREST_ROWS; CK_NEAREST_SCRATCH bytes of scratch.
enum {
    CK_NEAREST_ROWS = 128,
    CK_NEAREST_SCRATCH = CK_NEAREST_ROWS * 2 * CK_LANES * 4,
};

typedef struct ck_nearest {
    ck_gemm product;
    size_t count;                 // rows of the bank, 1 to 2^31 - 1
    size_t block_rows;
    float *score;                 // [queries]
    int32_t *index;               // [queries]
} ck_nearest;

// How far every patch of a grid is from those of the same grid that resemble it most and do not touch it: the mean of
// max(1 - score, 0) over the `few` and the `many` best, summed from the best on, or over as many as there are; 0 without any.
//
// The queries are all patches, row-major, `across` in a row; row c of the bank is patch c * step.
// Unit: one block of block_rows patches.
// - Requires: block_rows <= CK_RARITY_ROWS, count <= CK_RARITY_PATCHES, 0 < few <= many <= CK_RARITY_MOST;
//   CK_RARITY_SCRATCH bytes of scratch.
enum {
    CK_RARITY_ROWS = 24,
    CK_RARITY_PATCHES = 1024,
    CK_RARITY_MOST = 32,
    CK_RARITY_SCRATCH = (CK_RARITY_ROWS + 1) * CK_RARITY_PATCHES * 4 + CK_OVERREAD,
};

typedef struct ck_rarity {
    ck_gemm product;
    size_t count, step, across;
    size_t few, many;
    size_t block_rows;
    float *few_mean, *many_mean;  // [patches]
} ck_rarity;
