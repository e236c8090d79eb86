// What Swift cannot import of Linux: variadic system calls and those that only GNU programs see. No logic.
#pragma once
#include <stdint.h>

// Sleeps while the 32-bit word at `address` is `value`; returns at once if it is not. May return early.
void cl_futex_wait(void *address, uint32_t value);

// Wakes every thread that sleeps on `address`.
void cl_futex_wake(void *address);

// renameat2. Both return 0, or -1 and set errno.
int cl_rename_new(const char *from, const char *to);  // fails with EEXIST if `to` is there
int cl_rename_exchange(const char *a, const char *b); // both must be there

// Gives what the heap holds of freed memory back to the kernel.
void cl_trim_heap(void);
