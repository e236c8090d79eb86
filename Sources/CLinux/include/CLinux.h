// What Swift cannot import of Linux: variadic system calls. No logic.
#pragma once
#include <stdint.h>

// Sleeps while the 32-bit word at `address` is `value`; returns at once if it is not. May return early.
void cl_futex_wait(void *address, uint32_t value);

// Wakes every thread that sleeps on `address`.
void cl_futex_wake(void *address);
