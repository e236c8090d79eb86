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

// Who is at the other end of the Unix stream socket `fd`, as at its connect. Both return 0, or -1 and set errno.
int cl_peer_credentials(int fd, int32_t *pid, uint32_t *uid, uint32_t *gid);
// Up to `*count` supplementary groups; `*count` becomes how many there are. ERANGE if they are more.
int cl_peer_groups(int fd, uint32_t *groups, uint32_t *count);

// A new Unix stream socket bound to `path` with exactly `mode` and listening with `backlog`; -1 and errno if not.
// The path must fit `sun_path`: 107 bytes (ENAMETOOLONG).
int cl_listen_unix(const char *path, uint32_t mode, int backlog);
// A new Unix stream socket connected to `path`; -1 and errno if not.
int cl_connect_unix(const char *path);

// An eventfd that does not block and is closed on exec; -1 and errno if there is none.
int cl_event_descriptor(void);

// Gives the calling thread a name of up to 15 bytes. 0, or an error number.
int cl_name_thread(const char *name);

// Keeps the calling thread on the `count` processors numbered in `cpus`. 0, or an error number.
int cl_pin_thread(const int32_t *cpus, int32_t count);

// memfd_create(name, MFD_CLOEXEC): a descriptor, or -1 and errno.
int cl_memfd(const char *name);
