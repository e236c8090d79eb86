// The rows of training, once for each instruction set of this processor family. See include/training.h.
#include "include/training.h"
#include <stdint.h>
#include <string.h>

#pragma clang diagnostic ignored "-Wpsabi" // vectors are passed between inlined functions only

typedef float v16 __attribute__((ext_vector_type(16)));
typedef uint32_t u16 __attribute__((ext_vector_type(16)));

#define CT_JOINED(name, set) ct_##set##_##name
#define CT_JOIN(name, set) CT_JOINED(name, set)
#define T(name) CT_JOIN(name, CT_SET)

#define CT_FMA(a, b, c) __builtin_elementwise_fma(a, b, c)
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,avx512f,avx512bw,avx512vl,avx512dq"))), apply_to = function)
#define CT_SET avx512
#define CT_NAME "avx512"
#include "bodies/training.inc"
#undef CT_SET
#undef CT_NAME
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define CT_SET avx2
#define CT_NAME "avx2"
#include "bodies/training.inc"
#undef CT_SET
#undef CT_NAME
#pragma clang attribute pop
#endif

// What every processor has: without an instruction for it, a fused multiply-add would be a call.
#if !defined(__FMA__) && !defined(__ARM_FEATURE_FMA)
#undef CT_FMA
#define CT_FMA(a, b, c) ((a) * (b) + (c))
#endif
#define CT_SET portable
#define CT_NAME "portable"
#include "bodies/training.inc"

const ct_kernels *ct_kernels_at(size_t index, int *available) {
    *available = 1;
#if defined(__x86_64__)
    __builtin_cpu_init();
    const int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (index == 0) {
        *available = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
            && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
        return &ct_avx512_table;
    }
    if (index == 1) {
        *available = avx2;
        return &ct_avx2_table;
    }
    index -= 2;
#endif
    return index == 0 ? &ct_portable_table : NULL;
}

const ct_kernels *ct_kernels_best(void) {
    int available = 0;
    const ct_kernels *table = NULL;
    for (size_t index = 0; !available; index++) table = ct_kernels_at(index, &available); // the last always is
    return table;
}
