// Counts the allocations of the process it is linked into.
//
// It defines malloc and its relatives in the executable, where the dynamic linker finds them before those of libc, adds
// one to two counters and hands the call to libc. Only `linewatch` and the tests are linked with it.
#pragma once
#include <stdint.h>

// Calls of malloc, calloc, realloc, memalign, aligned_alloc and posix_memalign so far, by all threads.
uint64_t ca_allocations(void);

// The same by the calling thread alone.
uint64_t ca_thread_allocations(void);
