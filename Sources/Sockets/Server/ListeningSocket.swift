import CLinux
import Glibc
public import Platform

/// A Unix stream socket that accepts connections.
public struct ListeningSocket: Sendable {
    public let kind: SocketKind
    /// Owned by the server from `LineServer.listen` on.
    let descriptor: Int32
    /// The file that goes away with the server; nil where systemd made it.
    let ownPath: String?

    /// A socket that systemd passed: bound, listening, and outliving the daemon.
    public init(_ kind: SocketKind, passed descriptor: Int32) {
        (self.kind, self.descriptor, ownPath) = (kind, descriptor, nil)
    }

    /// Makes the socket `path`, mode 0660, backlog 64.
    ///
    /// A left-over socket that nobody serves is replaced. Throws `served` where somebody serves it, `notSocket`
    /// where the path is something else, `refused` where the kernel says no.
    public init(_ kind: SocketKind, path: String) throws(SocketError) {
        try Self.clear(path)
        let descriptor = unsafe cl_listen_unix(path, 0o660, 64)
        guard descriptor >= 0 else {
            guard errno != EADDRINUSE else { throw .served(path: path) }
            throw .refused(.last("bind", path))
        }
        (self.kind, self.descriptor, ownPath) = (kind, descriptor, path)
    }

    /// Removes a socket at `path` that nobody serves.
    private static func clear(_ path: String) throws(SocketError) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notSocket(path: path) }
        let probe = unsafe cl_connect_unix(path)
        guard probe < 0 else {
            close(probe)
            throw .served(path: path)
        }
        // A full backlog is a served socket too.
        guard errno == ECONNREFUSED else {
            throw errno == EAGAIN ? .served(path: path) : .refused(.last("connect", path))
        }
        guard unsafe unlink(path) == 0 else { throw .refused(.last("unlink", path)) }
    }
}

/// Why a socket could not be made or reached.
public enum SocketError: Error, Hashable, CustomStringConvertible {
    case served(path: String)
    case notSocket(path: String)
    case refused(PlatformError)
    /// The server did not greet as a Linewatch server does.
    case notLinewatch(path: String, line: String)
    /// The server closed the connection; `line` is the last that it said.
    case closed(path: String, line: String)
    /// Nothing came for so many milliseconds.
    case silent(path: String, milliseconds: Int)

    public var description: String {
        switch self {
        case .served(let path): "'\(path)' is already served. Stop the other server, or set another path."
        case .notSocket(let path): "'\(path)' is not a socket. Move it away, or set another path."
        case .refused(let error): "\(error)"
        case .notLinewatch(let path, let line):
            "'\(path)' did not greet as Linewatch does but said '\(line)'. Check the path."
        case .closed(let path, let line):
            "'\(path)' closed the connection\(line.isEmpty ? "" : " after '\(line)'"). Look at the daemon's journal."
        case .silent(let path, let milliseconds):
            "'\(path)' said nothing for \(milliseconds) ms. Check that the daemon runs."
        }
    }
}
