internal import CSystemd
internal import Glibc

/// A descriptor that systemd opened for this process and passed to it (sd_listen_fds(3)).
public struct PassedSocket: Hashable, Sendable {
    /// The open descriptor. Whoever takes it closes it.
    public let descriptor: Int32
    /// FileDescriptorName= of the socket unit: "plc", "operator" or "admin".
    public let name: String

    /// Whether it is a Unix stream socket that listens.
    public var isListeningStream: Bool {
        sd_is_socket_unix(descriptor, Int32(SOCK_STREAM.rawValue), 1, nil, 0) > 0
    }

    /// All that were passed, in the order of the units, each with close-on-exec; empty without activation.
    ///
    /// Takes them once: the environment is cleared, so that no child believes them to be its own.
    public static func takeAll() -> [PassedSocket] {
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        let count = unsafe sd_listen_fds_with_names(1, &names)
        defer {
            // The list and each name are malloc's, as the manual page says; the list ends with NULL.
            if let list = unsafe names {
                var index = 0
                while let name = unsafe list[index] {
                    unsafe free(name)
                    index += 1
                }
                unsafe free(list)
            }
        }
        return (0..<max(count, 0)).map { index in
            let name = unsafe names?[Int(index)].map { unsafe String(cString: $0) }
            return PassedSocket(descriptor: SD_LISTEN_FDS_START + index, name: name ?? "")
        }
    }
}
