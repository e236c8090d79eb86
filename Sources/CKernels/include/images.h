// Operands of the kernels on whole images and feature maps, channel-last.
#pragma once
#include "CKernels.h"

// The first convolution with ReLU6 and the depthwise 3x3 behind it, stride 1, padding 1, with ReLU6.
//
// map[y][x][c] is what `first` computes, 0 outside; x = bias[c], then x = fma(weights[i][j][c], map[y + i - 1][x + j - 1][c], x)
// for rising i, then j; out[u8] = clamp(rint(x * scale), 0, high).
// `first` describes row 0 of the map: rows = row_width = block_rows = width of the map, epilogue CK_FLOAT_RELU6, row_pitch
// from one row of the map to the next; its `out` is set by the kernel, which keeps three rows in scratch.
// Unit: one output row; a range of many is cheaper than many ranges.
// - Requires: at most CK_STEM_CHANNELS columns; (width + 8) * 512 bytes of scratch.
enum { CK_STEM_CHANNELS = 32 };

typedef struct ck_stem {
    ck_gemm first;
    size_t height;                // rows of the map and of the output
    const float *weights;         // [3, 3, columns]
    const float *bias;            // [columns]
    float scale;                  // codes per unit
    int32_t high;
    uint8_t *out;                 // [height, width, columns]
} ck_stem;

// out[u8] = clamp(rint(fma(in, factor[c], zero[c])), 0, 255).
//
// Unit: one pixel.
// - Requires: channels a multiple of CK_LANES.
typedef struct ck_map {
    const float *in;              // [pixels, channels]
    size_t channels;
    const float *factor, *zero;   // [channels]
    uint8_t *out;                 // [pixels, channels]
} ck_map;

// Mean over the pixels of a map of codes: out[c] = float(sum of the codes - pixels * zero) * scale, sum and
// difference exact.
//
// Unit: CK_LANES channels.
// - Requires: channels a multiple of CK_LANES, pixels <= 2^23; `scale` is the scale of the codes divided by
//   `pixels`.
typedef struct ck_global_mean {
    const uint8_t *in;            // [pixels, in_stride]
    size_t pixels, channels, in_stride;
    int32_t zero;
    float scale;
    float *out;                   // [channels]
} ck_global_mean;

// Bilinear resize of a float map, as torch.nn.functional.interpolate (mode "bilinear", no antialiasing) does
// it.
//
// Output row i reads source row s = i * (height - 1) / (out_height - 1) if align_corners, else
// max((i + 0.5) * height / out_height - 0.5, 0); rows floor(s) and the next one (the last row repeats) are
// mixed as fma(s - floor(s), b - a, a): first along y, then along x.
// Unit: one output row; a range of many is cheaper than many ranges.
// - Requires: ck_bilinear_scratch_bytes(width, channels, out_width) of scratch; width * channels < 2^32.
typedef struct ck_bilinear {
    const float *in;              // [height, width, channels]
    size_t height, width, channels;
    int32_t align_corners;
    float *out;                   // [out_height, out_width, channels]
    size_t out_height, out_width;
} ck_bilinear;

// Pooling of a float map over kernel x kernel windows.
//
// Taps outside the map do not count: f32_max_pool ignores them, f32_average_pool divides the sum, taken by
// rows, by the number of those inside (torch: count_include_pad=False). A kernel larger than the map pools
// all of it.
// Unit: one output row.
// - Requires: every window has a tap inside.
typedef struct ck_pool {
    const float *in;              // [height, width, channels]
    size_t height, width, channels;
    size_t kernel, stride, pad_top, pad_left;
    float *out;                   // [out_height, out_width, channels]
    size_t out_height, out_width;
} ck_pool;

// Depth to space, of elements of any size: pixel (y, x) of [height, width] holds [block][block][channels] and
// becomes the pixels (block * y + dy, block * x + dx) of a dense map [block * height, block * width,
// channels].
//
// With a product in front of it this is upsampling by learned weights, in int8 and in float32 alike. Covered
// are
//  - transposed convolution 2 x 2, stride 2: a product (qu8_qc8w_gemm) with 4 * channels columns
//    [dy][dx][channel];
//    f32_transposed_2x2 does both in one;
//  - transposed convolution 4 x 4, stride 2, padding 1: the same after an implicit 3 x 3 convolution with
//    padding 1, in which column (dy, dx) has weights at the 2 x 2 taps that reach it and zeros at the others:
//    tap (i, j) of column (dy, dx) is w[dy + 3 - 2 * i][dx + 3 - 2 * j] where that lies in 0...3;
//  - resize-convolution: f32_bilinear, then an implicit 3 x 3 convolution by f32_gemm.
// Unit: one input row.
typedef struct ck_depth_to_space {
    const void *in;
    size_t height, width, pixel_stride; // bytes from one pixel to the next; rows follow without a gap
    size_t block, channel_bytes;        // channels * bytes of an element
    void *out;
} ck_depth_to_space;
