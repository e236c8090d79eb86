// The definition of every kernel, in plain loops. All other instruction sets agree with this file to the bit.
#include "include/CKernels.h"
#include "functions.h"
#include <math.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

enum { LANES = CK_LANES };

// Sums run in 16 lanes that are folded by adding the upper half to the lower.
static float fold(float lane[LANES]) {
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++) lane[i] += lane[i + half];
    return lane[0];
}

static float clampf(float x, float low, float high) {
    x = x > low ? x : low;
    return x < high ? x : high;
}

static int32_t clamp(int32_t x, int32_t low, int32_t high) { return x < low ? low : x > high ? high : x; }

static float polynomial(float x, const float *c, int count) {
    float p = c[0];
    for (int i = 1; i < count; i++) p = fmaf(p, x, c[i]);
    return p;
}

// 2^t for t in [-126, 126].
static float exp2_with(float t, const float *c, int count) {
    const float n = (t + CK_ROUNDER) - CK_ROUNDER;
    return ldexpf(polynomial(t - n, c, count), (int)n);
}

static float exponential(float x) {
    static const float c[] = {CK_EXP2_5};
    return exp2_with(clampf(x * CK_LOG2E, -126, 126), c, 6);
}

static float gelu(float x) {
    static const float k[] = {CK_GELU};
    const float c = clampf(x, -CK_GELU_LIMIT, CK_GELU_LIMIT);
    return x * fmaf(c, polynomial(c * c, k, 9), 0.5f);
}

static float quick_gelu(float x) { return x / (exponential(x * -CK_QUICK_GELU) + 1.0f); }

static int32_t round_to_even(float x) { return (int32_t)rintf(x); }

// What the epilogue of `g` makes of the accumulator `acc` at row r, column c.
static void finish(const ck_gemm *g, int32_t acc, size_t r, size_t c) {
    const size_t at = r * g->out_stride + c;
    if (g->row_zero) acc -= g->column_sum[c] * g->row_zero[r];
    if (g->epilogue == CK_INT32) {
        ((int32_t *)g->out)[at] = acc;
        return;
    }
    if (g->epilogue == CK_CODES || g->epilogue == CK_CODES_RESIDUAL) {
        float value = (float)acc * g->column_scale[c];
        if (g->epilogue == CK_CODES_RESIDUAL) {
            const uint8_t other = ((const uint8_t *)g->residual)[r * g->residual_stride + c];
            value = fmaf((float)(other - g->residual_zero), g->residual_scale, value);
        }
        ((uint8_t *)g->out)[at] = (uint8_t)clamp(round_to_even(value) + g->zero, g->low, g->high);
        return;
    }
    float scale = g->column_scale[c];
    if (g->row_scale) scale *= g->row_scale[r];
    float y = fmaf(scale, (float)acc, g->bias[c]);
    switch (g->epilogue) {
    case CK_FLOAT_GELU: y = gelu(y); break;
    case CK_FLOAT_QUICK_GELU: y = quick_gelu(y); break;
    case CK_FLOAT_RELU6: y = clampf(y, 0, 6); break;
    case CK_FLOAT_RESIDUAL: y += ((const float *)g->residual)[r * g->residual_stride + c]; break;
    default: break;
    }
    ((float *)g->out)[at] = y;
}

static void qu8_qc8w_gemm(const ck_gemm *g, size_t begin, size_t end, void *scratch) {
    (void)scratch;
    for (size_t unit = begin; unit < end; unit++) {
        const size_t first = unit % g->panels * LANES, row = unit / g->panels * g->block_rows;
        for (size_t r = row; r < row + g->block_rows && r < g->rows; r++) {
            const uint8_t *a = g->a + r / g->row_width * g->row_pitch + r % g->row_width * g->row_stride;
            for (size_t c = first; c < first + LANES; c++) {
                const int8_t *w = (const int8_t *)g->b + c * g->segments * g->depth;
                int32_t acc = g->offset ? g->offset[c] : 0;
                for (size_t s = 0; s < g->segments; s++)
                    for (size_t k = 0; k < g->depth; k++) acc += a[s * g->segment_stride + k] * w[s * g->depth + k];
                finish(g, acc, r, c);
            }
        }
    }
}

static void normalise(const ck_rows *op, const float *in, float *out) {
    float sums[LANES] = {0}, squares[LANES] = {0};
    for (size_t i = 0; i < op->width; i++) sums[i % LANES] += in[i];
    const float mean = fold(sums) / (float)op->width;
    for (size_t i = 0; i < op->width; i++) squares[i % LANES] = fmaf(in[i] - mean, in[i] - mean, squares[i % LANES]);
    const float r = 1.0f / sqrtf(fold(squares) / (float)op->width + op->epsilon);
    for (size_t i = 0; i < op->width; i++) out[i] = fmaf((in[i] - mean) * r, op->gain[i], op->shift[i]);
}

static void quantise(const float *in, size_t width, uint8_t *codes, float *scale, int32_t *zero) {
    float lo = 0, hi = 0;
    for (size_t i = 0; i < width; i++) {
        lo = in[i] < lo ? in[i] : lo;
        hi = in[i] > hi ? in[i] : hi;
    }
    const float range = hi - lo, inverse = range > 0 ? 255.0f / range : 0;
    *scale = range > 0 ? range / 255.0f : 1;
    *zero = round_to_even(-lo * inverse);
    for (size_t i = 0; i < width; i++) {
        const int32_t code = round_to_even(in[i] * inverse) + *zero;
        codes[i] = (uint8_t)(code < 255 ? code : 255);
    }
}

static void f32_qd8_rows(const ck_rows *op, size_t begin, size_t end, void *scratch) {
    float *row = scratch;
    for (size_t r = begin; r < end; r++) {
        const float *in = op->in + r * op->in_stride;
        if (op->gain) {
            normalise(op, in, row);
            in = row;
        }
        if (op->factors) {
            for (size_t i = 0; i < op->width; i++) row[i] = in[i] * op->factors[i];
            in = row;
        }
        quantise(in, op->width, op->codes + r * op->width, op->scale + r, op->zero + r);
    }
}

static void f32_layer_norm(const ck_rows *op, size_t begin, size_t end, void *scratch) {
    (void)scratch;
    for (size_t r = begin; r < end; r++)
        normalise(op, op->in + r * op->in_stride, op->normalised + r * op->normalised_stride);
}

static void qd8_qc8w_mlp(const ck_mlp *op, size_t begin, size_t end, void *scratch) {
    const size_t hidden = op->first.columns;
    float *values = scratch;
    uint8_t *codes = (uint8_t *)(values + hidden);
    for (size_t row = begin * op->block_rows; row < end * op->block_rows && row < op->rows; row++) {
        ck_gemm first = op->first, second = op->second;
        float scale;
        int32_t zero;
        first.a += row * first.row_stride;
        first.row_scale += row;
        first.row_zero += row;
        first.rows = first.row_width = first.block_rows = 1;
        first.out = values;
        qu8_qc8w_gemm(&first, 0, first.panels, NULL);
        if (op->factors) for (size_t i = 0; i < hidden; i++) values[i] *= op->factors[i];
        quantise(values, hidden, codes, &scale, &zero);
        second.a = codes;
        second.row_scale = &scale;
        second.row_zero = &zero;
        second.rows = second.row_width = second.block_rows = 1;
        second.out = (float *)second.out + row * second.out_stride;
        second.residual = (const float *)second.residual + row * second.residual_stride;
        qu8_qc8w_gemm(&second, 0, second.panels, NULL);
    }
}

static float symmetric_inverse(const float *x, size_t count, size_t stride, float *scale) {
    float greatest = 0;
    for (size_t i = 0; i < count; i++) greatest = fabsf(x[i * stride]) > greatest ? fabsf(x[i * stride]) : greatest;
    *scale = greatest / 127.0f;
    return greatest > 0 ? 127.0f / greatest : 0;
}

// Keys are [heads][padded][head_width], values [heads][head_width][padded], as qu8_qc8w_gemm reads weights.
static void f32_qd8_pack_attention(const ck_attention *op, size_t begin, size_t end, void *scratch) {
    (void)scratch;
    const size_t width = op->head_width;
    for (size_t head = begin; head < end; head++) {
        int8_t *keys = (int8_t *)op->keys + head * op->padded * width, *values = (int8_t *)op->values + head * op->padded * width;
        memset(keys, 0, op->padded * width);
        memset(values, 0, op->padded * width);
        for (size_t t = 0; t < op->padded; t++) {
            int32_t sum = 0;
            float scale = 0;
            if (t < op->tokens) {
                const float *k = op->qkv + t * op->qkv_stride + (op->heads + head) * width;
                const float inverse = symmetric_inverse(k, width, 1, &scale);
                for (size_t i = 0; i < width; i++) sum += keys[t * width + i] = (int8_t)round_to_even(k[i] * inverse);
            }
            op->key_sum[head * op->padded + t] = -128 * sum;
            op->key_scale[head * op->padded + t] = scale;
        }
        for (size_t c = 0; c < width; c++) {
            const float *v = op->qkv + (2 * op->heads + head) * width + c;
            const float inverse = symmetric_inverse(v, op->tokens, op->qkv_stride, op->value_scale + head * width + c);
            for (size_t t = 0; t < op->tokens; t++)
                values[c * op->padded + t] = (int8_t)round_to_even(v[t * op->qkv_stride] * inverse);
        }
    }
}

static void attend(const ck_attention *op, size_t head, size_t query, float *scores, uint8_t *codes) {
    static const float polynomial_of_softmax[] = {CK_EXP2_3};
    const size_t width = op->head_width, padded = op->padded;
    const float *q = op->qkv + query * op->qkv_stride + head * width;
    const int8_t *keys = (const int8_t *)op->keys + head * padded * width, *values = (const int8_t *)op->values + head * padded * width;
    float scale;
    const float inverse = symmetric_inverse(q, width, 1, &scale), factor = scale * (CK_LOG2E / sqrtf((float)width));
    float greatest = -INFINITY;
    for (size_t j = 0; j < padded; j++) {
        int32_t acc = op->key_sum[head * padded + j];
        for (size_t i = 0; i < width; i++) acc += (round_to_even(q[i] * inverse) + 128) * keys[j * width + i];
        scores[j] = fmaf(op->key_scale[head * padded + j], (float)acc, op->key_bias[j]);
        if (op->causal && j > query && j < op->tokens) scores[j] = CK_MASKED;
        greatest = scores[j] > greatest ? scores[j] : greatest;
    }
    int32_t sum = 0;
    for (size_t j = 0; j < padded; j++) {
        const float t = (scores[j] - greatest) * factor;
        codes[j] = (uint8_t)round_to_even(exp2_with(t > -16 ? t : -16, polynomial_of_softmax, 4) * 255.0f);
        sum += codes[j];
    }
    for (size_t c = 0; c < width; c++) {
        int32_t acc = 0;
        for (size_t j = 0; j < padded; j++) acc += codes[j] * values[c * padded + j];
        op->out[query * op->out_stride + head * width + c]
            = fmaf(op->value_scale[head * width + c] * (1.0f / (float)sum), (float)acc, 0.0f);
    }
}

static void qd8_attention(const ck_attention *op, size_t begin, size_t end, void *scratch) {
    const size_t blocks = (op->tokens + CK_QUERIES - 1) / CK_QUERIES;
    float *scores = scratch;
    for (size_t unit = begin; unit < end; unit++) {
        const size_t block = unit % blocks, low = op->tokens / blocks, tall = op->tokens % blocks;
        const size_t query = block * low + (block < tall ? block : tall);
        for (size_t i = 0; i < low + (block < tall); i++)
            attend(op, unit / blocks, query + i, scores, (uint8_t *)(scores + op->padded));
    }
}

static void qu8_qc8w_depthwise(const ck_depthwise *op, size_t begin, size_t end, void *scratch) {
    (void)scratch;
    const int8_t *w = op->weights;
    for (size_t y = begin; y < end; y++)
        for (size_t x = 0; x < op->out_width; x++)
            for (size_t c = 0; c < op->channels; c++) {
                int32_t acc = op->offset[c];
                for (size_t ky = 0; ky < op->kernel; ky++)
                    for (size_t kx = 0; kx < op->kernel; kx++) {
                        const size_t iy = y * op->stride + ky - op->pad_top, ix = x * op->stride + kx - op->pad_left;
                        const int inside = iy < op->height && ix < op->width; // size_t wraps below zero
                        const int32_t code = inside ? op->in[(iy * op->width + ix) * op->channels + c] : op->input_zero;
                        acc += code * w[(ky * op->kernel + kx) * op->channels + c];
                    }
                const int32_t code = round_to_even((float)acc * op->scale[c]) + op->zero;
                op->out[(y * op->out_width + x) * op->channels + c] = (uint8_t)clamp(code, op->low, op->high);
            }
}

#include "bodies/portable.inc"

static void pack(const int8_t *w, size_t columns, size_t depth, void *out) { memcpy(out, w, columns * depth); }

static void pack_depthwise(const int8_t *w, size_t kernel, size_t channels, void *out) {
    memcpy(out, w, kernel * kernel * channels);
}

static void pack_depthwise_channels(const uint32_t *in, size_t channels, uint32_t *out) {
    memset(out, 0, (channels + 63) / 64 * 64 * sizeof *out);
    memcpy(out, in, channels * sizeof *out);
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
};
