// Loaded before libc into a daemon under test: sets its clock of the day, and holds up one of its threads.
//
// LINEWATCH_FAULTS names a file of 64 bytes that is shared with the test: 8 bytes of milliseconds that the clock is
// ahead, little-endian, then the name of the thread to hold up, ended by zero; none where it is empty.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

struct faults {
    volatile int64_t ahead_ms;
    volatile char held[16];
};

static const struct faults *faults;
static int (*real_gettime)(clockid_t, struct timespec *);

__attribute__((constructor)) static void begin(void) {
    real_gettime = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    const char *path = getenv("LINEWATCH_FAULTS");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *page = mmap(NULL, sizeof(struct faults), PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (page != MAP_FAILED) faults = page;
}

static int is_held(void) {
    char name[16] = "";
    if (faults->held[0] == 0 || prctl(PR_GET_NAME, name) != 0) return 0;
    return strncmp(name, (const char *)faults->held, sizeof name) == 0;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    while (faults && is_held()) usleep(5000);
    int code = real_gettime ? real_gettime(clock, time) : -1;
    if (code == 0 && clock == CLOCK_REALTIME && faults) time->tv_sec += faults->ahead_ms / 1000;
    return code;
}
