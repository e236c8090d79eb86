import FoundationEssentials
import Glibc

/// Reading settings files.
extension SettingsText {
    /// Files beyond this are refused: nobody writes them by hand.
    package static let maximumByteCount = 1 << 20

    /// Reads `path`. Blocks; a file that cannot be read is kept with the reason.
    package init(reading path: String) {
        self.init(path: path, Self.content(of: path))
    }

    private static func content(of path: String) -> Content {
        // Without O_NONBLOCK a pipe of that name would hold the start up.
        let file = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return .unreadable(reason(errno)) }
        defer { close(file) }
        var status = stat()
        guard unsafe fstat(file, &status) == 0 else { return .unreadable(reason(errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else { return .unreadable("it is not a file") }

        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= maximumByteCount {
            // The chunk is alive during the call, which writes no more than its count.
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, $0.count) }
            guard count >= 0 else {
                if errno == EINTR { continue }
                return .unreadable(reason(errno))
            }
            guard count > 0 else { return .bytes(bytes) }
            bytes += chunk[..<count]
        }
        return .unreadable("it is larger than 1 MiB")
    }

    private static func reason(_ error: Int32) -> String {
        // strerror's text lives until the next call of it; it is copied at once.
        unsafe strerror(error).map { unsafe String(cString: $0) } ?? "error \(error)"
    }

    /// The `*.toml` of `folder` in byte order; none if there is no such folder.
    package static func all(inFolder folder: String) -> [SettingsText] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            // A folder that is there and hides its files must not pass for an empty one.
            guard FileManager.default.fileExists(atPath: folder) else { return [] }
            return [SettingsText(path: folder, .unreadable("its files cannot be listed"))]
        }
        return names.filter { $0.hasSuffix(".toml") && !$0.hasPrefix(".") }
            .sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
            .map { SettingsText(reading: "\(folder)/\($0)") }
    }

    /// What the file says, or nil if it cannot be read; adds what is wrong with it to `findings`.
    func document(_ findings: inout [Finding]) -> Document? {
        switch content {
        case .unreadable(let reason):
            findings.append(
                Finding(
                    severity: .error, origin: .standard, message: "\(quoted(path)) cannot be read: \(reason)")
            )
            return nil
        case .bytes(let bytes):
            let document = Document(reading: bytes, path: path)
            findings += document.errors.map { .error(.file($0.location), $0.message) }
            return document
        }
    }
}
