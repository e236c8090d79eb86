// A disk that can lose power: wraps SQLite's default file system for the files below one folder.
//
// Writes go through to the real files, and the wrapper remembers what each replaced until the file is
// flushed. At the cut every further write fails. `pc_settle` then puts the real files into a state that a
// disk could have been left in: each 512-byte sector of each write since the last flush is there or not, at
// random.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Watches the files below `folder` (absolute, without links, as long as the process lives) from now on. The
// wrapper becomes SQLite's default file system, once. Call before any database below `folder` is opened.
void pc_watch(const char *folder);

// The power goes at the operation (write, cut short, flush, delete) after `operations` more.
void pc_arm(long operations, uint64_t seed);
void pc_disarm(void);

// One operation of somebody else's, such as a small file being replaced. Returns false if the power is off.
bool pc_step(void);
bool pc_is_off(void);

// Operations since pc_watch.
long pc_operations(void);
long pc_syncs(void);

// Bytes written since the last flush to the watched file that ends in `suffix`.
size_t pc_unsynced_bytes(const char *suffix);

// Called on the flushing thread right before each flush of a watched file; NULL: nothing.
void pc_before_sync(void (*call)(void *context, const char *path), void *context);

// After the cut, with every connection closed: leaves on disk what the disk kept. Power is on again.
void pc_settle(void);

// While `isFull`, writes to watched files fail as on a full disk.
void pc_fill(bool isFull);
