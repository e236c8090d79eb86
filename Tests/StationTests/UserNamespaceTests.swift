import Events
import Foundation
import Sockets
import Testing

/// C17 with a real kernel: the server runs in a user namespace of its own, which maps nobody.
@Suite("user namespace", .serialized)
struct UserNamespaceTests {
    /// Whether this machine lets us make one.
    private static let isPermitted: Bool = {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["unshare", "-U", "true"]
        (process.standardOutput, process.standardError) = (Pipe(), Pipe())
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    @Test(
        "C17: in a private user namespace admin.sock answers err 5, nobody is above plc, and event 1505 is in the log",
        .enabled(if: isPermitted, "this machine permits no user namespaces"))
    func privateNamespace() throws {
        let station = try StationProcess()
        try station.start("--rate", "50", wrapper: ["unshare", "-U"])
        let refusal = #expect(throws: SocketError.self) {
            _ = try LineClient(path: station.admin, patience: 5_000)
        }
        guard case .notLinewatch(_, let line)? = refusal else {
            Issue.record("admin.sock said \(String(describing: refusal))")
            return
        }
        #expect(ServerLine(line).number("num") == 5)
        let client = try LineClient(path: station.plc, patience: 5_000)
        let hello = try client.hello(name: "plc1", profile: .full, isAnonymous: false)
        #expect(hello.kind == "ok" && hello.number("role") == 1)
        #expect(try client.ask("reset").number("num") == 5, "an operator's operation")

        var codes: [Int64] = []
        let end = try client.ask(
            "poll",
            [
                JSONMember("after", .integer(0)), JSONMember("max", .integer(256)),
                JSONMember("wait", .integer(5_000)), JSONMember("kinds", .integer(2)),
            ]
        ) { line in
            if line.kind == "e", let code = line.number("code") { codes.append(code) }
        }
        #expect(end.kind == "end")
        #expect(codes.contains(1505))
    }

    @Test(
        "outside of one the same station grants the admin's role",
        .enabled(if: getuid() == 0 && UserNamespace.isIdentity, "needs uid 0 and the machine's own numbers"))
    func outside() throws {
        let station = try StationProcess()
        try station.start()
        let client = try LineClient(path: station.admin, patience: 5_000)
        #expect(try client.hello(name: "a", profile: .full, isAnonymous: true).number("role") == 3)
    }
}
