// Operands of the kernels on whole images and feature maps, channel-last.
#pragma once
#include "CKernels.h"

// Mean over the pixels of a map of codes: out[c] = float(sum of the codes - pixels * zero) * scale, sum and difference exact.
//
// Unit: CK_LANES channels.
// - Requires: channels a multiple of CK_LANES, pixels <= 2^23; `scale` is the scale of the codes divided by `pixels`.
typedef struct ck_global_mean {
    const uint8_t *in;            // [pixels, in_stride]
    size_t pixels, channels, in_stride;
    int32_t zero;
    float scale;
    float *out;                   // [channels]
} ck_global_mean;
