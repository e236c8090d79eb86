import Glibc

/// A whole file mapped read-only into memory, unmapped when the last reference goes.
///
/// Nothing is read before it is touched. Replace a mapped file only by renaming another one over it
/// (`FileReplacement`): the mapping keeps the old content. Cutting a mapped file short kills the process
/// at the next touch of the missing pages, as the kernel has nothing else to offer.
@safe
public final class MappedFile: Sendable {
    /// The bytes of the file when it was opened.
    public let byteCount: Int

    // Points at a private read-only mapping of byteCount bytes that lives until deinit; nil if the file is
    // empty. Nobody writes to it, so threads may share it.
    nonisolated(unsafe) private let address: UnsafeMutableRawPointer?

    /// Maps the regular file at `path`. Throws if it cannot be opened, mapped, or is not a regular file.
    public init(_ path: String) throws(PlatformError) {
        // O_NONBLOCK: opening a pipe without a writer must not wait.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .last("open", path) }
        defer { close(descriptor) }

        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .last("fstat", path) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegular(path: path) }

        byteCount = Int(status.st_size)
        guard byteCount > 0 else {
            unsafe address = nil
            return
        }
        let mapping = unsafe mmap(nil, byteCount, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard unsafe mapping != MAP_FAILED else { throw .last("mmap", path) }
        unsafe address = mapping
    }

    /// Calls `body` with the bytes of the file. They are valid only inside it. Allocation-free.
    public func withBytes<Result, Failure>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // The span cannot leave body, and self, which owns the mapping, outlives the call.
        try body(unsafe UnsafeRawBufferPointer(start: address, count: byteCount).bytes)
    }

    /// Calls `body` with the bytes of the file for C. They are valid as long as `self` lives.
    public func withUnsafeBytes<Result, Failure>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(UnsafeRawBufferPointer(start: address, count: byteCount))
    }

    deinit {
        if let address = unsafe address { unsafe munmap(address, byteCount) }
    }
}
