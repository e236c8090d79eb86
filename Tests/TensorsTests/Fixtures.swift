import Glibc

/// A weight file with `header` as its header, right or wrong, and `data` behind it.
func weightFile(_ header: String, _ data: [UInt8] = []) -> [UInt8] {
    let header = Array(header.utf8)
    return (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) } + header + data
}

/// A new empty folder, removed with its plain files when the value goes.
final class TemporaryFolder {
    let path: String

    struct Refused: Error {}

    init() throws {
        var random = SystemRandomNumberGenerator()
        path = "/tmp/linewatch-test-" + String(random.next(), radix: 36)
        guard unsafe mkdir(path, 0o755) == 0 else { throw Refused() }
    }

    /// The names in the folder, sorted.
    var names: [String] {
        var names: [String] = []
        // The stream is open until closedir, and each entry is copied before the next is read.
        guard let stream = unsafe opendir(path) else { return [] }
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        unsafe closedir(stream)
        return names.sorted()
    }

    deinit {
        for name in names { unsafe unlink(path + "/" + name) }
        unsafe rmdir(path)
    }
}
