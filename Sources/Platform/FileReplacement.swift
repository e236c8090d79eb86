import Glibc

/// A file being written beside `path`, which takes its place in one step or not at all.
///
/// The bytes go to a temporary name in the same folder. `commit()` flushes them to the disk, renames the file
/// over `path` and flushes the folder: after it returns, a power cut cannot lose the new content. Until then,
/// or if anything fails, `path` is untouched, and letting the value go removes the temporary file.
public struct FileReplacement: ~Copyable {
    /// The file that is to be replaced.
    public let path: String
    private let temporaryPath: String
    private let descriptor: Int32
    private var isCommitted = false

    /// Creates the temporary file, readable by all (mode 0644, less the process's mask). Throws if the folder
    /// does not exist or cannot be written.
    public init(of path: String) throws(PlatformError) {
        var random = SystemRandomNumberGenerator()
        let name = ".linewatch-" + String(random.next(), radix: 36) + ".tmp"
        let temporaryPath = folder(of: path) + "/" + name
        let descriptor = unsafe open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .last("open", path) }
        self.path = path
        self.temporaryPath = temporaryPath
        self.descriptor = descriptor
    }

    /// Writes `bytes` after those written so far. Blocks. Throws if the disk refuses them.
    public mutating func append(_ bytes: RawSpan) throws(PlatformError) {
        var offset = 0
        while offset < bytes.byteCount {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe write(descriptor, buffer.baseAddress! + offset, buffer.count - offset)
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .last("write", path) }
            offset += count
        }
    }

    /// Puts the file in the place of `path`, durably. Blocks until it is on disk.
    ///
    /// If it throws, `path` holds its old content, unless only the last step, flushing the folder, failed:
    /// then the new content is there, but a power cut may still bring the old one back.
    public consuming func commit() throws(PlatformError) {
        guard fsync(descriptor) == 0 else { throw .last("fsync", path) }
        guard unsafe rename(temporaryPath, path) == 0 else { throw .last("rename", path) }
        isCommitted = true
        try flushFolder(folder(of: path) + "/")
    }

    deinit {
        close(descriptor)
        if !isCommitted { _ = unsafe unlink(temporaryPath) }
    }
}

/// Replaces the content of `path` by `bytes` in one durable step. Blocks until they are on disk.
///
/// If it throws, `path` is as it was and nothing is left beside it.
public func writeAtomically(_ path: String, _ bytes: [UInt8]) throws(PlatformError) {
    var file = try FileReplacement(of: path)
    unsafe try file.append(bytes.span.bytes)  // UInt8 has no padding bytes
    try file.commit()
}
