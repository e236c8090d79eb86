import Glibc

/// Whether user numbers mean here what they mean outside.
///
/// In a user namespace without identity map the kernel shows every peer as 65534, or under somebody else's number:
/// then no role can be granted by it (LWP/1, section 2).
public enum UserNamespace {
    /// Whether this process sees the numbers of users and groups as they are. Reads two files of `/proc`; false
    /// where they cannot be read.
    public static var isIdentity: Bool {
        ["/proc/self/uid_map", "/proc/self/gid_map"].allSatisfy { path in
            guard let text = text(of: path) else { return false }
            return isIdentity(map: text)
        }
    }

    /// Whether the text of `/proc/self/uid_map` or `gid_map` maps every number to itself.
    ///
    /// A map is lines of three numbers: first inside, first outside, count. In the initial namespace it is one
    /// line, `0 0 4294967295`.
    public static func isIdentity(map text: String) -> Bool {
        let lines = text.split(separator: "\n").map { $0.split(separator: " ").compactMap { UInt64($0) } }
        guard !lines.isEmpty, lines.allSatisfy({ $0.count == 3 && $0[0] == $0[1] }) else { return false }
        return lines.reduce(0) { $0 &+ $1[2] } >= 4_294_967_295
    }

    /// The first page of `path`; the kernel allows 340 lines of a map, and an identity needs one.
    private static func text(of path: String) -> String? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = unsafe read(descriptor, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }
}
