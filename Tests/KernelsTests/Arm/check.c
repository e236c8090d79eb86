// Runs every kernel of every instruction set of this architecture on seeded operands and compares it with scalar.
//
//     check          prints `digest TABLE KERNEL HASH CASES` per kernel, and `differs ...` with the first case that does
//     check best     prints the name of the best table for this CPU
//
// Operands and digests do not depend on the architecture (given one compiler: the order in which arguments are drawn is
// its choice), so the lines of two of them can be compared. A new kernel needs a function check_<name> in one of the files
// below; without it this file does not compile.
#include "check.h"
#include "products.inc"
#include "rows.inc"
#include "attention.inc"
#include "maps.inc"
#include "camera.inc"

static const struct {
    const char *name;
    void (*run)(check *c);
} checks[] = {
#define CK_KERNEL(name, operands) {#name, check_##name},
#include "kernels.inc"
#undef CK_KERNEL
};

enum { KERNELS = sizeof checks / sizeof *checks };

static uint64_t expected[KERNELS][MOST_CASES];

static int differs(const ck_kernels *kernels) {
    int differing = kernels->peak(3) == 0;
    for (size_t i = 0; i < KERNELS; i++) {
        check c = {.kernels = kernels, .random = 0x5eed + i, .digest = 0xcbf29ce484222325, .expected = expected[i]};
        checks[i].run(&c);
        printf("digest %s %s %016llx %zu\n", kernels->name, checks[i].name, (unsigned long long)c.digest, c.cases);
        if (c.differing > 0) printf("differs %s %s first in: %s\n", kernels->name, checks[i].name, c.first);
        differing |= c.differing > 0;
    }
    return differing;
}

int main(int count, char **arguments) {
    if (count > 1 && strcmp(arguments[1], "best") == 0) return puts(ck_kernels_best()->name) < 0;
    int differing = differs(ck_kernels_for("scalar")), available;
    const char *name;
    for (size_t i = 0; (name = ck_kernels_name(i, &available)) != NULL; i++)
        if (available && strcmp(name, "scalar") != 0) differing |= differs(ck_kernels_for(name));
    return differing;
}
