#define _GNU_SOURCE
#include "CLinux.h"
#include <limits.h>
#include <linux/futex.h>
#include <malloc.h>
#include <sys/syscall.h>
#include <unistd.h>

void cl_futex_wait(void *address, uint32_t value) {
    syscall(SYS_futex, address, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

void cl_futex_wake(void *address) {
    syscall(SYS_futex, address, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

void cl_trim_heap(void) { malloc_trim(0); }
