// What a check of a kernel is made of: seeded operands, buffers with a watched border, and a digest of what came out.
#pragma once
#include "CKernels.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CASES = 8192, MOST_BUFFERS = 64, BORDER = CK_OVERREAD };

// One kernel on one table. Every table sees the same operands, since the seed depends on the kernel alone.
typedef struct check {
    const ck_kernels *kernels;
    uint64_t random, digest;      // digest of all outputs so far, FNV-1a
    uint64_t *expected;           // [MOST_CASES] scalar's digest after each case; scalar itself fills it in
    size_t cases, differing;
    char first[128];              // the first case that differs from scalar
    void *buffers[MOST_BUFFERS];
    size_t buffer_count;
} check;

static inline uint64_t next_random(check *c) {
    c->random += 0x9e3779b97f4a7c15;
    uint64_t z = c->random;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

// Uniform in [low, high].
static inline int32_t whole(check *c, int32_t low, int32_t high) {
    return low + (int32_t)((next_random(c) >> 32) % (uint64_t)(high - low + 1));
}

// Exact on every architecture: a small integer times a power of two times `scale`.
static inline float real(check *c, float scale) { return (float)whole(c, -8192, 8192) * 0x1p-12f * scale; }

// A buffer of `bytes` and a border behind it, all of it 0xa5. Lives until the next `record`.
static inline void *buffer(check *c, size_t bytes) {
    const size_t all = (bytes + BORDER + CK_ALIGNMENT - 1) / CK_ALIGNMENT * CK_ALIGNMENT;
    void *p = aligned_alloc(CK_ALIGNMENT, all);
    if (p == NULL || c->buffer_count == MOST_BUFFERS) abort();
    return c->buffers[c->buffer_count++] = memset(p, 0xa5, all);
}

#define RANDOM_BUFFER(name, type, value)                                                                             \
    static inline type *name(check *c, size_t count, int32_t low, int32_t high) {                                    \
        type *p = buffer(c, count * sizeof *p);                                                                      \
        for (size_t i = 0; i < count; i++) p[i] = (type)(value);                                                     \
        return p;                                                                                                    \
    }
RANDOM_BUFFER(codes_u8, uint8_t, whole(c, low, high))
RANDOM_BUFFER(codes_s8, int8_t, whole(c, low, high))
RANDOM_BUFFER(integers, int32_t, whole(c, low, high))

static inline float *reals(check *c, size_t count, float scale) {
    float *p = buffer(c, count * sizeof *p);
    for (size_t i = 0; i < count; i++) p[i] = real(c, scale);
    return p;
}

// Positive scales in [least, 100 least].
static inline float *scales(check *c, size_t count, float least) {
    float *p = buffer(c, count * sizeof *p);
    for (size_t i = 0; i < count; i++) p[i] = least * (float)whole(c, 1, 100);
    return p;
}

static inline void digest(check *c, const void *bytes, size_t count) {
    const uint8_t *p = bytes;
    for (size_t i = 0; i < count; i++) c->digest = (c->digest ^ p[i]) * 0x100000001b3;
}

// Takes in an output of `bytes` with its border.
static inline void output(check *c, const void *p, size_t bytes) { digest(c, p, bytes + BORDER); }

// Ends a case, which the words describe.
__attribute__((format(printf, 2, 3))) static inline void record(check *c, const char *words, ...) {
    if (c->cases == MOST_CASES) abort();
    if (strcmp(c->kernels->name, "scalar") == 0) c->expected[c->cases] = c->digest;
    if (c->digest != c->expected[c->cases] && c->differing++ == 0) {
        va_list arguments;
        va_start(arguments, words);
        vsnprintf(c->first, sizeof c->first, words, arguments);
        va_end(arguments);
    }
    c->cases++;
    while (c->buffer_count > 0) free(c->buffers[--c->buffer_count]);
}

// Runs the units in two calls, the later ones first: units are independent.
#define RUN(c, kernel, op, units, scratch)                                                                           \
    do {                                                                                                             \
        const size_t count = units, middle = count / 2;                                                              \
        (c)->kernels->kernel(op, middle, count, scratch);                                                            \
        (c)->kernels->kernel(op, 0, middle, scratch);                                                                \
    } while (0)

// One of the sizes, each as likely as the next.
#define PICK(c, ...)                                                                                                 \
    ((const size_t[]){__VA_ARGS__}[whole(c, 0, (int32_t)(sizeof((const size_t[]){__VA_ARGS__}) / sizeof(size_t)) - 1)])
