import Glibc
import Platform

/// What the store asks of the world outside the database, so that a test can be the clock and the disk.
package struct Surroundings: Sendable {
    /// UTC milliseconds since 1970. May jump.
    package var milliseconds: @Sendable () -> Int64
    /// Nanoseconds of a clock that never jumps.
    package var nanoseconds: @Sendable () -> Int64
    /// Replaces a small file durably, or leaves it as it was.
    package var replace: @Sendable (_ path: String, _ bytes: [UInt8]) throws -> Void
    /// Makes a file whose blocks are really taken from the disk, or none.
    package var allocate: @Sendable (_ path: String, _ byteCount: Int) throws -> Void
    /// Bytes that this process may still write beside `path`.
    package var freeBytes: @Sendable (_ path: String) -> Int

    /// This machine.
    package static let machine = Surroundings(
        milliseconds: {
            var time = timespec()
            // Cannot fail: every Linux has this clock.
            _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
            return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
        },
        nanoseconds: { Int64(MonotonicClock.now) },
        replace: { path, bytes in try writeAtomically(path, bytes) },
        allocate: { path, byteCount in
            let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o640)
            guard descriptor >= 0 else { throw PlatformError.last("open", path) }
            defer { close(descriptor) }
            let code = posix_fallocate(descriptor, 0, off_t(byteCount))
            guard code == 0 else {
                _ = unsafe unlink(path)
                throw PlatformError.refused(call: "fallocate", path: path, code: code)
            }
        },
        freeBytes: { path in
            var status = statvfs()
            guard unsafe statvfs(path, &status) == 0 else { return 0 }
            return Int(status.f_bavail) * Int(status.f_frsize)
        }
    )
}
