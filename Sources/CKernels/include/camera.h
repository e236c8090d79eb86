// The camera kernel: one read of a camera frame to the quantised input tensor of a network.
//
// WHAT IT COMPUTES
//
// The crop rectangle is resized to out_w x out_h. Each axis is weighed on its own, in integers: with
// P / Q = crop length / output length in lowest terms,
//
//   area      (crop >= output)  output k covers [k P, (k + 1) P) in units of 1/Q pixel; a site that
//             covers `step` pixels weighs the length of its overlap. The weights sum to P.
//   bilinear  (crop < output)   the two sites around the centre of output k, positions at half-pixel
//             centres, sites outside the crop replaced by the last one inside. They sum to 2 Q step.
//
// A site is a luma sample (step 1), a chroma sample (step 2: it stands for the box of two pixels it
// was taken from, in 4:2:0 on both axes), or one colour of a Bayer cell. A Bayer axis is area when
// crop >= 2 x output: then each of the four samples stands for its whole 2 x 2 cell; below that every
// one of the four colour lattices is interpolated bilinearly at its own place.
//
// sum_c = sum of row weight x column weight x sample, an exact integer, rounded once to float.
// rgb_c = clamp(matrix_c . sums + bias_c, 0, 255), one fused multiply-add per term, the last term first.
// code_c = clamp(rint(fma(rgb_c, scale_c, offset_c)), 0, 255), ties to even.
//
// The sums are exact whatever the order and the lanes, so every instruction set gives the same codes.

#pragma once

#include <stddef.h>
#include <stdint.h>

// How samples lie in a row, and which sums they make.
enum ck_camera_layout {
    CK_CAMERA_MONO,       // s0
    CK_CAMERA_RGB,        // three interleaved samples: s0 s1 s2
    CK_CAMERA_YUYV,       // Y U Y V: s0 = Y, s1 = U, s2 = V
    CK_CAMERA_UYVY,       // U Y V Y: the same sums
    CK_CAMERA_SEMIPLANAR, // plane 0: Y; plane 1: U V, every chroma_step-th row: the same sums
    CK_CAMERA_BAYER,      // s(2 r + c) = row r, column c of the 2 x 2 cell
};

enum ck_camera_sample {
    CK_CAMERA_U8,
    CK_CAMERA_U16,         // little-endian
    CK_CAMERA_U16_SWAPPED, // big-endian
};

// How wide the sums of a frame can grow. A larger one is always right, and slower.
enum ck_camera_width {
    CK_CAMERA_NARROW, // sums over rows < 2^16, sums over the area < 2^31, 8-bit samples
    CK_CAMERA_MEDIUM, // sums over rows < 2^32, sums over the area < 2^31
    CK_CAMERA_WIDE,   // sums over rows < 2^32, sums over the area < 2^63
};

// The weights of one axis, for all its outputs.
typedef struct ck_camera_taps {
    const uint32_t *first;   // [outputs] the first row of the plane, or sample of the row sums
    const uint32_t *weights; // [outputs][count]
    uint32_t count;          // rows: of taps, zeros at the end are not read. columns: multiple of 4
} ck_camera_taps;

// Unit: one row of the output. Scratch: ck_camera_scratch_bytes.
typedef struct ck_camera {
    const uint8_t *planes[2];
    size_t pitch[2]; // bytes from row to row
    uint32_t layout, sample, width;
    uint32_t sample_mask; // 16-bit samples: the bits that count
    uint32_t chroma_step; // semiplanar: 1 = 4:2:2, 2 = 4:2:0
    uint32_t crop_x, crop_y, crop_w, crop_h, out_w, out_h;
    uint8_t *out; // [out_h][out_w][3]
    size_t out_pitch;
    float matrix[3][4]; // 0 for sums that the layout does not make
    float bias[3], scale[3], offset[3];

    // The weights worked out beforehand, so that no frame has to; scalar does without. Index 0 is
    // for the first row of sums, index 1 for the second: chroma of semiplanar, odd rows of Bayer.
    ck_camera_taps rows[2];
    uint32_t row_step[2];                      // rows from tap to tap
    ck_camera_taps columns[2];                 // four weights meet four samples, then `column_step` on
    uint32_t column_step;                      // 4, RGB: 3
    uint32_t sample_first[2], sample_count[2]; // the samples of a row that any output reads
} ck_camera;

// Bytes of scratch memory that one call needs; aligned to 64. Calls at the same time need one each.
size_t ck_camera_scratch_bytes(const ck_camera *op);
