internal import Glibc

/// Reading the bytes of an image file.
public enum ImageFile {
    /// Longer files are refused: 256 MiB.
    public static let maximumByteCount = 256 << 20

    /// The whole of the regular file at `path`. Blocks.
    package static func bytes(of path: String) throws(ImagingError) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(path: path, reason: reason(errno)) }
        defer { close(descriptor) }

        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw .unreadable(path: path, reason: reason(errno))
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable(path: path, reason: "it is not a regular file")
        }
        guard status.st_size <= maximumByteCount else {
            throw .tooLarge(
                path: path, found: "\(status.st_size) bytes", allowed: "\(maximumByteCount) bytes")
        }
        var file = [UInt8](repeating: 0, count: Int(status.st_size))
        var count = 0
        while count < file.count {
            let got = unsafe file.withUnsafeMutableBytes { target in
                // Inside the array: count < file.count.
                unsafe read(descriptor, target.baseAddress! + count, target.count - count)
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw .unreadable(path: path, reason: reason(errno)) }
            if got == 0 { break }
            count += got
        }
        return count == file.count ? file : Array(file.prefix(count))
    }

    /// The system's words for `code`, in lower case.
    static func reason(_ code: CInt) -> String {
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text).lowercased()
    }
}
