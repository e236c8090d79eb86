import Foundation
import Sockets
import Testing

/// How the server comes by its sockets.
struct ListeningSocketTests {
    /// A path that no test before has used.
    private func freshPath() -> String {
        FileManager.default.temporaryDirectory.path + "/lw-" + UUID().uuidString.prefix(8) + ".sock"
    }

    private func serve(_ socket: ListeningSocket, _ body: () throws -> Void) async throws {
        let server = try LineServer(ServerSettings(), source: MemoryLog(), station: ScriptedStation())
        try server.listen(on: [socket])
        let outcome = Result { try body() }
        await server.stop()
        try outcome.get()
    }

    @Test("a made socket has mode 0660 and goes away with the server")
    func mode() async throws {
        let path = freshPath()
        try await serve(ListeningSocket(.plc, path: path)) {
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o660)
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("a left-over socket that nobody serves is replaced, a served one refuses the start")
    func leftOver() async throws {
        let path = freshPath()
        // A socket that is bound and closed is what a killed server leaves behind.
        let descriptor = boundUnixSocket(path)
        close(descriptor)
        #expect(FileManager.default.fileExists(atPath: path))
        try await serve(ListeningSocket(.plc, path: path)) {
            #expect(throws: SocketError.served(path: path)) { try ListeningSocket(.admin, path: path) }
        }
    }

    @Test("what is no socket is left alone, and a folder that is missing is named")
    func strangers() throws {
        let path = freshPath()
        try Data("keep".utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(throws: SocketError.notSocket(path: path)) { try ListeningSocket(.plc, path: path) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data("keep".utf8))
        let missing = "/nonexistent/plc.sock"
        let error = #expect(throws: SocketError.self) { try ListeningSocket(.plc, path: missing) }
        #expect("\(error!)".contains("'/nonexistent/plc.sock': bind failed"))
        let long = "/tmp/" + String(repeating: "x", count: 120)
        #expect(throws: SocketError.self) { try ListeningSocket(.plc, path: long) }
    }

    @Test("a passed descriptor is served, and its path outlives the server")
    func passed() async throws {
        let path = freshPath()
        let descriptor = boundUnixSocket(path)
        #expect(listen(descriptor, 64) == 0)
        let kept = dup(descriptor)
        defer {
            close(kept)
            try? FileManager.default.removeItem(atPath: path)
        }
        try await serve(ListeningSocket(.plc, passed: descriptor)) {
            let client = try LineClient(path: path, patience: Rig.patience)
            #expect(client.greeting.number("proto") == 1)
        }
        #expect(FileManager.default.fileExists(atPath: path))
        // The next start finds the same socket, still listening.
        try await serve(ListeningSocket(.plc, passed: dup(kept))) {
            _ = try LineClient(path: path, patience: Rig.patience)
        }
    }
}
