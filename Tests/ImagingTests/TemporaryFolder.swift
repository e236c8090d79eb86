import Glibc

/// A folder of its own for one test; gone when the test is.
final class TemporaryFolder {
    let path: String

    init() {
        var name = Array("/tmp/linewatch-imaging-XXXXXX".utf8CString)
        _ = unsafe mkdtemp(&name)
        path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        guard let listing = unsafe opendir(path) else { return }
        while let entry = unsafe readdir(listing) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { _ = unsafe remove("\(path)/\(name)") }
        }
        unsafe closedir(listing)
        _ = unsafe rmdir(path)
    }

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
}
