import Glibc

/// A folder of its own for one test; gone when the test is, with the files and folders in it.
final class TemporaryFolder {
    let path: String

    init() {
        var name = Array("/tmp/linewatch-capture-XXXXXX".utf8CString)
        _ = unsafe mkdtemp(&name)
        path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { Self.remove(path) }

    /// Writes a file and returns its path.
    @discardableResult
    func write(_ bytes: [UInt8], to name: String) -> String {
        let file = "\(path)/\(name)"
        if let stream = unsafe fopen(file, "w") {
            _ = unsafe fwrite(bytes, 1, bytes.count, stream)
            _ = unsafe fclose(stream)
        }
        return file
    }

    /// The bytes of a file, which is small.
    func read(_ name: String) -> [UInt8] {
        guard let stream = unsafe fopen("\(path)/\(name)", "r") else { return [] }
        defer { unsafe fclose(stream) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = unsafe fread(&bytes, 1, bytes.count, stream)
        return Array(bytes.prefix(count))
    }

    private static func remove(_ path: String) {
        guard let listing = unsafe opendir(path) else {
            _ = unsafe unlink(path)
            return
        }
        while let entry = unsafe readdir(listing) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { remove("\(path)/\(name)") }
        }
        unsafe closedir(listing)
        _ = unsafe rmdir(path)
    }
}
