import CLinux
public import Events
import Glibc
import Platform

/// A blocking client of an LWP/1 server, for commands and tests: one request, its answer, or a stream of lines.
///
/// Keys and kinds of lines that it does not know are handed on and mean nothing to it, so that a newer minor
/// version of the server is no error. Not for use by several threads at once. Letting it go closes the connection.
public final class LineClient {
    public let path: String
    /// The server's first line.
    public private(set) var greeting = ServerLine([])
    private let descriptor: Int32
    /// How long a wait for a line lasts at most, in milliseconds.
    public var patience: Int
    private var received: [UInt8] = []
    private var lastID: UInt32 = 0
    private var lastLine = ""

    /// Connects to `path` and reads the greeting; every wait for a line ends after `patience` milliseconds.
    ///
    /// Blocks. Throws `SocketError`: `refused`, `silent`, `closed`, or `notLinewatch`.
    public init(path: String, patience: Int) throws(SocketError) {
        (self.path, self.patience) = (path, patience)
        descriptor = unsafe cl_connect_unix(path)
        guard descriptor >= 0 else { throw .refused(.last("connect", path)) }
        greeting = try nextLine()
        guard greeting.kind == "hello" else { throw .notLinewatch(path: path, line: greeting.text) }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Introduces the client; `isAnonymous` leaves no consumer behind and can neither acknowledge nor watch.
    ///
    /// Returns the server's answer, `ok` or `err`. Blocks.
    public func hello(name: String, profile: Profile, isAnonymous: Bool) throws(SocketError) -> ServerLine {
        try ask(
            "hello",
            [
                JSONMember("name", .text(name)), JSONMember("proto", .integer(Int64(Greeting.major))),
                JSONMember("profile", .text(profile.rawValue)),
                JSONMember("anon", .integer(isAnonymous ? 1 : 0)),
            ])
    }

    /// Sends the operation with `arguments` and returns the line that answers it: the first with its `id` that is no
    /// piece of an answer. Lines in between go to `other`, in their order. Blocks.
    public func ask(
        _ operation: String, _ arguments: [JSONMember] = [], other: (ServerLine) -> Void = { _ in }
    ) throws(SocketError) -> ServerLine {
        let id = try send(operation, arguments)
        while true {
            let line = try nextLine()
            if line.id == id && line.kind != "blob" { return line }
            other(line)
        }
    }

    /// Sends the operation and returns its `id` without waiting. Blocks while the socket is full.
    @discardableResult
    public func send(_ operation: String, _ arguments: [JSONMember] = []) throws(SocketError) -> UInt32 {
        lastID = lastID % UInt32(Int32.max) + 1
        var line = LineWriter(capacity: LineLimit.plc)
        line.put("{\"op\":")
        line.put(quoted: operation)
        line.put(",\"id\":", lastID)
        for argument in arguments {
            line.put(",")
            line.put(argument)
        }
        line.put("}\n")
        try send(bytes: line.bytes)
        return lastID
    }

    /// Sends `bytes` as they stand. Blocks while the socket is full.
    public func send(bytes: [UInt8]) throws(SocketError) {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes[sent...].withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count >= 0 else {
                if errno == EINTR { continue }
                throw .refused(.last("send", path))
            }
            sent += count
        }
    }

    /// Says that nothing more is sent; what the server still has to say can be read.
    public func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// The next line. Blocks for at most `milliseconds`, else the client's patience. Throws `silent` then, `closed`
    /// at the end.
    public func nextLine(within milliseconds: Int? = nil) throws(SocketError) -> ServerLine {
        while true {
            if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                let line = ServerLine(Array(received[..<end]))
                received.removeFirst(end + 1)
                lastLine = line.text
                return line
            }
            try receive(within: milliseconds ?? patience)
        }
    }

    private func receive(within patience: Int) throws(SocketError) {
        var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&ready, 1, Int32(clamping: patience)) != 0 else {
            throw .silent(path: path, milliseconds: patience)
        }
        var buffer = [UInt8](repeating: 0, count: 16_384)
        let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
        guard count != 0 else { throw .closed(path: path, line: lastLine) }
        guard count > 0 else {
            if errno == EINTR { return }
            // The server closed while bytes of ours were still under way to it.
            guard errno != ECONNRESET else { throw .closed(path: path, line: lastLine) }
            throw .refused(.last("recv", path))
        }
        received.append(contentsOf: buffer[..<count])
    }
}

/// A line from the server, with whatever keys it has.
public struct ServerLine: Equatable, Sendable {
    /// Without the newline.
    public let bytes: [UInt8]
    private let members: [JSONMember]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        members = (try? JSONParser.members(of: bytes, depthLimit: 16)) ?? []
    }

    /// The line `text`, without its newline, as if it had just come.
    public init(_ text: String) { self.init(Array(text.utf8)) }

    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The key `t`; empty where the line is none of the protocol.
    public var kind: String { self["t"]?.text ?? "" }

    /// The key `id`, where it is one.
    public var id: UInt32? { self["id"]?.integer.flatMap { UInt32(exactly: $0) } }

    /// The value of `key`, or nil.
    public subscript(key: String) -> JSONValue? { members.first { $0.key == key }?.value }

    /// The integer of `key`, or nil.
    public func number(_ key: String) -> Int64? { self[key]?.integer }
}
