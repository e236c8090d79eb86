#include "CAllocationCounter.h"
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>

// What glibc calls its own functions, for those who put others in front of them.
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

static _Atomic uint64_t process_count;
static _Thread_local uint64_t thread_count;

static void count(void) {
    atomic_fetch_add_explicit(&process_count, 1, memory_order_relaxed);
    thread_count++;
}

uint64_t ca_allocations(void) { return atomic_load_explicit(&process_count, memory_order_relaxed); }

uint64_t ca_thread_allocations(void) { return thread_count; }

void *malloc(size_t bytes) {
    count();
    return __libc_malloc(bytes);
}

void *calloc(size_t elements, size_t bytes) {
    count();
    return __libc_calloc(elements, bytes);
}

void *realloc(void *memory, size_t bytes) {
    count();
    return __libc_realloc(memory, bytes);
}

void *memalign(size_t alignment, size_t bytes) {
    count();
    return __libc_memalign(alignment, bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes) {
    count();
    return __libc_memalign(alignment, bytes);
}

int posix_memalign(void **memory, size_t alignment, size_t bytes) {
    if (alignment % sizeof(void *) != 0 || alignment == 0 || (alignment & (alignment - 1)) != 0) return EINVAL;
    count();
    void *result = __libc_memalign(alignment, bytes);
    if (result == NULL) return ENOMEM;
    *memory = result;
    return 0;
}
