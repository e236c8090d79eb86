// The definition of every kernel, in plain loops: scalar/*.inc. All other instruction sets agree with it to the bit.
#pragma STDC FP_CONTRACT OFF

#include "scalar/definitions.h"
#include "scalar/rows.inc"
#include "scalar/products.inc"
#include "scalar/attention.inc"
#include "scalar/depthwise.inc"
#include "scalar/f32_gemm.inc"
#include "scalar/float_rows.inc"
#include "scalar/images.inc"
#include "scalar/nearest.inc"
#include "scalar/stem.inc"
#include "bodies/stem_rows.inc"
#include "bodies/portable.inc"
#include "scalar/camera.inc"

static void pack(const int8_t *w, size_t columns, size_t depth, void *out) { memcpy(out, w, columns * depth); }

static void pack_depthwise(const int8_t *w, size_t kernel, size_t channels, void *out) {
    memcpy(out, w, kernel * kernel * channels);
}

static void pack_depthwise_channels(const uint32_t *in, size_t channels, uint32_t *out) {
    memset(out, 0, (channels + 63) / 64 * 64 * sizeof *out);
    memcpy(out, in, channels * sizeof *out);
}

// One product at a time: the compiler may turn the loops above into vectors and exceed it.
static uint64_t peak(uint64_t steps) {
    uint32_t acc[8] = {0}, a = 3;
    for (uint64_t step = 0; step < steps; step++)
        for (int i = 0; i < 8; i++) {
            __asm__ volatile("" : "+r"(a));
            acc[i] += a * a;
        }
    for (int i = 0; i < 8; i++) __asm__ volatile("" : "+r"(acc[i]));
    return steps * 8;
}

const ck_kernels ck_kernels_scalar = {
    .name = "scalar",
    .panel_columns = LANES,
    .weight_bytes = 64,
#define CK_KERNEL(name, operands) .name = name,
#include "include/kernels.inc"
#undef CK_KERNEL
    .pack = pack,
    .pack_depthwise = pack_depthwise,
    .pack_depthwise_channels = pack_depthwise_channels,
    .peak = peak,
};
