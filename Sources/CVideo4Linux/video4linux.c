#include "CVideo4Linux.h"

#include <errno.h>
#include <fcntl.h>
#include <libv4l2.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

// `call` again as long as a signal interrupts it; then what it returned, or -errno.
#define CV_CALL(call)                            \
    int result;                                  \
    do {                                         \
        result = (call);                         \
    } while (result < 0 && errno == EINTR);      \
    return result < 0 ? -errno : result

int cv_open(const char *path) { CV_CALL(open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)); }

int cv_ioctl(int descriptor, unsigned long request, void *argument) {
    CV_CALL(ioctl(descriptor, request, argument));
}

int cv_convert_open(int descriptor) { CV_CALL(v4l2_fd_open(descriptor, 0)); }

int cv_convert_ioctl(int descriptor, unsigned long request, void *argument) {
    CV_CALL(v4l2_ioctl(descriptor, request, argument));
}

void *cv_convert_map(int descriptor, uint64_t length, int64_t offset) {
    void *address = v4l2_mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, offset);
    return address == MAP_FAILED ? NULL : address;
}

int cv_convert_unmap(void *address, uint64_t length) { CV_CALL(v4l2_munmap(address, length)); }

int cv_convert_close(int descriptor) { return v4l2_close(descriptor) < 0 ? -errno : 0; }
