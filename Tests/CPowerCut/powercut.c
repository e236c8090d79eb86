#include "CPowerCut.h"
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SECTOR = 512, MAX_PATHS = 64, MAX_FOLDERS = 64 };

typedef struct pc_write {
    struct pc_write *newer;
    sqlite3_int64 offset;
    sqlite3_int64 old_size;
    int old_count; // of the bytes that were there before, at offset
    int count;     // -1: the file was cut to `offset`; its tail of old_count bytes is kept
    unsigned char *old_bytes;
    unsigned char *new_bytes;
} pc_write;

typedef struct pc_path {
    char *name;
    pc_write *oldest, *newest;
} pc_path;

typedef struct pc_file {
    sqlite3_file base;
    pc_path *path;
    sqlite3_file *real;
} pc_file;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static sqlite3_vfs wrapper, *real_vfs;
static sqlite3_io_methods methods;
static const char *folders[MAX_FOLDERS];
static int folder_count, path_count;
static pc_path paths[MAX_PATHS];
static long operations, syncs, operations_left = -1;
static bool is_off, is_full;
static uint64_t random_state;
static void (*before_sync)(void *, const char *);
static void *before_sync_context;

static uint64_t next_random(void) {
    uint64_t z = (random_state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

// With the lock held.
static bool step(void) {
    operations++;
    if (operations_left == 0) is_off = true;
    if (operations_left > 0) operations_left--;
    return !is_off;
}

static void forget(pc_path *path) {
    while (path->oldest) {
        pc_write *write = path->oldest;
        path->oldest = write->newer;
        free(write->old_bytes);
        free(write->new_bytes);
        free(write);
    }
    path->newest = NULL;
}

static void remember(pc_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    pc_write *write = calloc(1, sizeof *write);
    file->real->pMethods->xFileSize(file->real, &write->old_size);
    write->offset = offset;
    write->count = count;
    sqlite3_int64 end = count < 0 ? write->old_size : offset + count;
    if (end > write->old_size) end = write->old_size;
    write->old_count = end > offset ? (int)(end - offset) : 0;
    write->old_bytes = malloc((size_t)write->old_count + 1);
    if (write->old_count > 0)
        file->real->pMethods->xRead(file->real, write->old_bytes, write->old_count, offset);
    if (count > 0) {
        write->new_bytes = malloc((size_t)count);
        memcpy(write->new_bytes, bytes, (size_t)count);
    }
    if (file->path->newest) file->path->newest->newer = write;
    else file->path->oldest = write;
    file->path->newest = write;
}

#define REAL(f) (((pc_file *)(f))->real)

static int x_close(sqlite3_file *f) { return REAL(f)->pMethods->xClose(REAL(f)); }
static int x_read(sqlite3_file *f, void *to, int count, sqlite3_int64 offset) {
    return REAL(f)->pMethods->xRead(REAL(f), to, count, offset);
}
static int x_write(sqlite3_file *f, const void *bytes, int count, sqlite3_int64 offset) {
    pthread_mutex_lock(&lock);
    int code = is_full ? SQLITE_FULL : step() ? SQLITE_OK : SQLITE_IOERR_WRITE;
    if (code == SQLITE_OK) {
        remember((pc_file *)f, bytes, count, offset);
        code = REAL(f)->pMethods->xWrite(REAL(f), bytes, count, offset);
    }
    pthread_mutex_unlock(&lock);
    return code;
}
static int x_truncate(sqlite3_file *f, sqlite3_int64 size) {
    pthread_mutex_lock(&lock);
    int code = SQLITE_IOERR_TRUNCATE;
    if (step()) {
        remember((pc_file *)f, NULL, -1, size);
        code = REAL(f)->pMethods->xTruncate(REAL(f), size);
    }
    pthread_mutex_unlock(&lock);
    return code;
}
static int x_sync(sqlite3_file *f, int flags) {
    pc_file *file = (pc_file *)f;
    pthread_mutex_lock(&lock);
    void (*call)(void *, const char *) = before_sync;
    void *context = before_sync_context;
    pthread_mutex_unlock(&lock);
    if (call) call(context, file->path->name);

    pthread_mutex_lock(&lock);
    int code = SQLITE_IOERR_FSYNC;
    if (step()) {
        syncs++;
        forget(file->path);
        code = SQLITE_OK; // the real flush would only cost time: nobody cuts this machine's power
    }
    pthread_mutex_unlock(&lock);
    (void)flags;
    return code;
}
static int x_size(sqlite3_file *f, sqlite3_int64 *size) {
    return REAL(f)->pMethods->xFileSize(REAL(f), size);
}
static int x_lock(sqlite3_file *f, int level) { return REAL(f)->pMethods->xLock(REAL(f), level); }
static int x_unlock(sqlite3_file *f, int level) { return REAL(f)->pMethods->xUnlock(REAL(f), level); }
static int x_reserved(sqlite3_file *f, int *result) {
    return REAL(f)->pMethods->xCheckReservedLock(REAL(f), result);
}
static int x_control(sqlite3_file *f, int op, void *argument) {
    // Growing in chunks would write past the wrapper.
    if (op == SQLITE_FCNTL_CHUNK_SIZE || op == SQLITE_FCNTL_SIZE_HINT) return SQLITE_OK;
    return REAL(f)->pMethods->xFileControl(REAL(f), op, argument);
}
static int x_sector(sqlite3_file *f) { (void)f; return SECTOR; }
// Like Linux: bytes beside a write are never harmed.
static int x_device(sqlite3_file *f) { (void)f; return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }
static int x_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **to) {
    return REAL(f)->pMethods->xShmMap(REAL(f), page, size, extend, to);
}
static int x_shm_lock(sqlite3_file *f, int offset, int n, int flags) {
    return REAL(f)->pMethods->xShmLock(REAL(f), offset, n, flags);
}
static void x_shm_barrier(sqlite3_file *f) { REAL(f)->pMethods->xShmBarrier(REAL(f)); }
static int x_shm_unmap(sqlite3_file *f, int flag) { return REAL(f)->pMethods->xShmUnmap(REAL(f), flag); }

static bool is_watched(const char *name) {
    for (int i = 0; name && i < folder_count; i++)
        if (strncmp(name, folders[i], strlen(folders[i])) == 0) return true;
    return false;
}

static pc_path *path_of(const char *name) {
    for (int i = 0; i < path_count; i++)
        if (strcmp(paths[i].name, name) == 0) return &paths[i];
    if (path_count == MAX_PATHS) return NULL;
    paths[path_count].name = strdup(name);
    return &paths[path_count++];
}

static int x_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out) {
    (void)vfs;
    if (!is_watched(name)) return real_vfs->xOpen(real_vfs, name, f, flags, out);
    pc_file *file = (pc_file *)f;
    file->real = (sqlite3_file *)(file + 1);
    pthread_mutex_lock(&lock);
    file->path = path_of(name);
    pthread_mutex_unlock(&lock);
    int code = file->path ? real_vfs->xOpen(real_vfs, name, file->real, flags, out) : SQLITE_CANTOPEN;
    f->pMethods = code == SQLITE_OK ? &methods : NULL;
    return code;
}

static int x_delete(sqlite3_vfs *vfs, const char *name, int sync_folder) {
    (void)vfs;
    if (is_watched(name)) {
        pthread_mutex_lock(&lock);
        bool may = step();
        if (may && path_of(name)) forget(path_of(name));
        pthread_mutex_unlock(&lock);
        if (!may) return SQLITE_IOERR_DELETE;
    }
    return real_vfs->xDelete(real_vfs, name, sync_folder);
}

static void install(void) {
    real_vfs = sqlite3_vfs_find(NULL);
    methods = (sqlite3_io_methods){
        2, x_close, x_read, x_write, x_truncate, x_sync, x_size, x_lock, x_unlock, x_reserved, x_control,
        x_sector, x_device, x_shm_map, x_shm_lock, x_shm_barrier, x_shm_unmap, NULL, NULL,
    };
    wrapper = *real_vfs; // what is not replaced below does not look at its first argument's data
    wrapper.zName = "powercut";
    wrapper.pNext = NULL;
    wrapper.szOsFile = (int)sizeof(pc_file) + real_vfs->szOsFile;
    wrapper.xOpen = x_open;
    wrapper.xDelete = x_delete;
    sqlite3_vfs_register(&wrapper, 1);
}

void pc_watch(const char *folder) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, install);
    pthread_mutex_lock(&lock);
    if (folder_count < MAX_FOLDERS) folders[folder_count++] = strdup(folder);
    pthread_mutex_unlock(&lock);
}

void pc_arm(long count, uint64_t seed) {
    pthread_mutex_lock(&lock);
    operations_left = count;
    random_state = seed;
    pthread_mutex_unlock(&lock);
}

void pc_disarm(void) { pc_arm(-1, 0); }

bool pc_step(void) {
    pthread_mutex_lock(&lock);
    bool may = step();
    pthread_mutex_unlock(&lock);
    return may;
}

bool pc_is_off(void) { return is_off; }
long pc_operations(void) { return operations; }
long pc_syncs(void) { return syncs; }
void pc_fill(bool full) { is_full = full; }

size_t pc_unsynced_bytes(const char *suffix) {
    size_t sum = 0;
    pthread_mutex_lock(&lock);
    for (int i = 0; i < path_count; i++) {
        size_t name = strlen(paths[i].name), end = strlen(suffix);
        if (name < end || strcmp(paths[i].name + name - end, suffix) != 0) continue;
        for (pc_write *write = paths[i].oldest; write; write = write->newer)
            if (write->count > 0) sum += (size_t)write->count;
    }
    pthread_mutex_unlock(&lock);
    return sum;
}

void pc_before_sync(void (*call)(void *, const char *), void *context) {
    pthread_mutex_lock(&lock);
    before_sync = call;
    before_sync_context = context;
    pthread_mutex_unlock(&lock);
}

static void undo(int descriptor, pc_write *write) {
    if (!write) return;
    undo(descriptor, write->newer); // newest first
    if (write->old_count > 0 && pwrite(descriptor, write->old_bytes, (size_t)write->old_count, write->offset) < 0)
        abort();
    if (ftruncate(descriptor, write->old_size) != 0) abort();
}

static void redo_some(int descriptor, pc_write *write) {
    bool all = next_random() % 4 == 0; // sometimes a write is whole, mostly each sector decides for itself
    if (write->count < 0) {
        if (all && ftruncate(descriptor, write->offset) != 0) abort();
        return;
    }
    for (int done = 0; done < write->count; done += SECTOR) {
        int count = write->count - done < SECTOR ? write->count - done : SECTOR;
        if (!all && next_random() % 2 == 0) continue;
        if (pwrite(descriptor, write->new_bytes + done, (size_t)count, write->offset + done) < 0) abort();
    }
}

void pc_settle(void) {
    pthread_mutex_lock(&lock);
    for (int i = 0; i < path_count; i++) {
        int descriptor = paths[i].oldest ? open(paths[i].name, O_RDWR | O_CLOEXEC) : -1;
        if (descriptor >= 0) {
            undo(descriptor, paths[i].oldest);
            for (pc_write *write = paths[i].oldest; write; write = write->newer)
                redo_some(descriptor, write);
            close(descriptor);
        }
        forget(&paths[i]);
    }
    is_off = false;
    operations_left = -1;
    pthread_mutex_unlock(&lock);
}
