#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

int cl_peer_credentials(int fd, int32_t *pid, uint32_t *uid, uint32_t *gid) {
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return -1;
    *pid = peer.pid;
    *uid = peer.uid;
    *gid = peer.gid;
    return 0;
}

int cl_peer_groups(int fd, uint32_t *groups, uint32_t *count) {
    socklen_t length = *count * (socklen_t)sizeof *groups;
    const int result = getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &length);
    *count = length / (uint32_t)sizeof *groups;
    return result;
}

static int address(const char *path, struct sockaddr_un *to) {
    memset(to, 0, sizeof *to);
    to->sun_family = AF_UNIX;
    const size_t length = strlen(path);
    if (length >= sizeof to->sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(to->sun_path, path, length + 1);
    return 0;
}

static int refused(int fd) {
    const int code = errno;
    close(fd);
    errno = code;
    return -1;
}

int cl_listen_unix(const char *path, uint32_t mode, int backlog) {
    struct sockaddr_un to;
    if (address(path, &to) != 0) return -1;
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    // The mode of the socket before bind is that of the file at the moment it appears.
    if (fchmod(fd, mode) != 0) return refused(fd);
    if (bind(fd, (const struct sockaddr *)&to, sizeof to) != 0) return refused(fd);
    if (chmod(path, mode) != 0 || listen(fd, backlog) != 0) return refused(fd);
    return fd;
}

int cl_connect_unix(const char *path) {
    struct sockaddr_un to;
    if (address(path, &to) != 0) return -1;
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    if (connect(fd, (const struct sockaddr *)&to, sizeof to) != 0) return refused(fd);
    return fd;
}

int cl_event_descriptor(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }
