import Dispatch
import Events
import Foundation
import Sockets
import Testing

/// The client library against servers that are not this one.
struct ClientTests {
    /// Runs `body` with the path of a socket that says `lines` to its first client and closes.
    private func saying(_ lines: String, _ body: @escaping @Sendable (String) throws -> Void) async throws {
        let path =
            FileManager.default.temporaryDirectory.path + "/lw-" + UUID().uuidString.prefix(8) + ".sock"
        let descriptor = boundUnixSocket(path)
        #expect(listen(descriptor, 4) == 0)
        let ended = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            let client = accept(descriptor, nil, nil)
            let bytes = Array(lines.utf8)
            _ = unsafe write(client, bytes, bytes.count)
            shutdown(client, Int32(SHUT_WR))
            ended.wait()
            close(client)
        }
        defer {
            ended.signal()
            close(descriptor)
            try? FileManager.default.removeItem(atPath: path)
        }
        try body(path)
    }

    @Test("C12: keys, values and kinds of lines that a newer server adds are ignored")
    func unknownKeys() async throws {
        let lines = """
            {"t":"hello","proto":1,"minor":9,"srv":"x","new":{"deep":[1,{"er":null}]},"log":"7f3a9c21"}
            {"t":"tide","level":1.5}
            no JSON at all
            {"t":"ok","id":1,"role":1,"mood":"good"}
            """ + "\n"
        try await saying(lines) { path in
            let client = try LineClient(path: path, patience: Rig.patience)
            #expect(client.greeting.number("minor") == 9 && client.greeting["log"]?.text == "7f3a9c21")
            var others: [String] = []
            #expect(try client.ask("ping", other: { others.append($0.kind) }).number("role") == 1)
            #expect(others == ["tide", ""])
            let error = #expect(throws: SocketError.self) { try client.nextLine() }
            #expect("\(error!)".contains("\"mood\":\"good\""))
        }
    }

    @Test("a server that is no Linewatch is named with what it said")
    func stranger() async throws {
        try await saying("220 mail ready\n") { path in
            #expect(throws: SocketError.notLinewatch(path: path, line: "220 mail ready")) {
                try LineClient(path: path, patience: Rig.patience)
            }
        }
    }

    @Test("where nobody listens the client names the path and what to do")
    func nobody() {
        let error = #expect(throws: SocketError.self) {
            try LineClient(path: "/nonexistent.sock", patience: 10)
        }
        #expect(
            "\(error!)" == "'/nonexistent.sock': connect failed: No such file or directory. Check the path.")
    }
}

/// A Unix stream socket bound to `path`, not listening.
func boundUnixSocket(_ path: String) -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
    let result = unsafe withUnsafePointer(to: &address) {
        unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
    #expect(result == 0)
    return descriptor
}
