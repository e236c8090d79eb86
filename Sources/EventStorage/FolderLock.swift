import Glibc
import Platform

/// The right to write into a folder: one process at a time has it, and loses it when it ends, however it
/// ends.
final class FolderLock: Sendable {
    private let descriptor: Int32

    /// Throws `inUse` if another process, or another lock of this one, has it.
    init(_ folder: String) throws {
        let path = folder + "/lock"
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw PlatformError.last("open", path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw EventLogError.inUse(folder: folder)
        }
    }

    /// Lets the next one have it, whoever still holds this object.
    func release() { flock(descriptor, LOCK_UN) }

    deinit {
        // Released, not only closed: a child that another thread is just starting may hold the file as well.
        release()
        close(descriptor)
    }
}
