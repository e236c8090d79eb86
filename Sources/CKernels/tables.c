// Which instruction sets this build has, and which of them this CPU runs.
#include "include/CKernels.h"
#include <string.h>

extern const ck_kernels ck_kernels_scalar;

typedef struct candidate {
    const ck_kernels *table;
    int available;
} candidate;

enum { MOST = 4 };

#if defined(__x86_64__)
extern const ck_kernels ck_kernels_avx512vnni, ck_kernels_avxvnni, ck_kernels_avx2;

static size_t candidates(candidate out[MOST]) {
    __builtin_cpu_init();
    const int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    const int avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
    out[0] = (candidate){&ck_kernels_avx512vnni, avx512 && __builtin_cpu_supports("avx512vnni")};
    out[1] = (candidate){&ck_kernels_avxvnni, avx2 && __builtin_cpu_supports("avxvnni")};
    out[2] = (candidate){&ck_kernels_avx2, avx2};
    out[3] = (candidate){&ck_kernels_scalar, 1};
    return 4;
}
#elif defined(__aarch64__)
#include <sys/auxv.h>
extern const ck_kernels ck_kernels_neon_i8mm, ck_kernels_neon_dotprod;

static size_t candidates(candidate out[MOST]) {
    const unsigned long dotprod = 1UL << 20, i8mm = 1UL << 13; // HWCAP_ASIMDDP, HWCAP2_I8MM
    const int has_dotprod = (getauxval(AT_HWCAP) & dotprod) != 0;
    out[0] = (candidate){&ck_kernels_neon_i8mm, has_dotprod && (getauxval(AT_HWCAP2) & i8mm) != 0};
    out[1] = (candidate){&ck_kernels_neon_dotprod, has_dotprod};
    out[2] = (candidate){&ck_kernels_scalar, 1};
    return 3;
}
#else
static size_t candidates(candidate out[MOST]) {
    out[0] = (candidate){&ck_kernels_scalar, 1};
    return 1;
}
#endif

const ck_kernels *ck_kernels_for(const char *name) {
    candidate all[MOST];
    const size_t count = candidates(all);
    for (size_t i = 0; i < count; i++)
        if (strcmp(all[i].table->name, name) == 0) return all[i].available ? all[i].table : NULL;
    return NULL;
}

const ck_kernels *ck_kernels_best(void) {
    candidate all[MOST];
    candidates(all);
    size_t i = 0;
    while (!all[i].available) i++; // scalar, the last, always is
    return all[i].table;
}

const char *ck_kernels_name(size_t index, int *available) {
    candidate all[MOST];
    if (index >= candidates(all)) return NULL;
    *available = all[index].available;
    return all[index].table->name;
}

size_t ck_panels(const ck_kernels *kernels, size_t columns) {
    return (columns + kernels->panel_columns - 1) / kernels->panel_columns;
}

size_t ck_packed_bytes(const ck_kernels *kernels, size_t columns, size_t depth) {
    return columns / CK_LANES * (depth / 4) * kernels->weight_bytes;
}

size_t ck_packed_depthwise_bytes(size_t kernel, size_t channels) {
    return (channels + 63) / 64 * kernel * ((kernel + 3) / 4) * 256;
}

size_t ck_scratch_bytes(size_t width, size_t tokens, size_t image_width) {
    const size_t mlp = CK_MLP_ROWS * (width * 5 + 8) + CK_OVERREAD;
    // A score and up to two codes of each query and key; codes are written in whole vectors.
    const size_t attention = CK_QUERIES * ((tokens + 31) / 32 * 32) * 6 + 2 * CK_OVERREAD;
    const size_t depthwise = (image_width + 8) * 512;
    const size_t most = mlp > attention ? mlp : attention;
    return ((most > depthwise ? most : depthwise) + 63) / 64 * 64;
}

size_t ck_bilinear_scratch_bytes(size_t width, size_t channels, size_t out_width) {
    // A row of floats and, for every output column, two places and a fraction.
    return (width * channels + CK_LANES) * 4 + out_width * 12;
}
