import Events
import Foundation
import Sockets
import Testing

/// Who may do what, by what the kernel says of the peer.
struct RoleTests {
    private static let someone = PeerCredentials(pid: 1, uid: 1_000, gid: 1_000, groups: [27])
    private static let member = PeerCredentials(pid: 1, uid: 1_001, gid: 1_001, groups: [27, 900])
    private static let listed = PeerCredentials(pid: 1, uid: 1_002, gid: 1_002)
    private static let root = PeerCredentials(pid: 1, uid: 0, gid: 0)
    private static let unmapped = PeerCredentials(pid: 1, uid: 65_534, gid: 65_534, groups: [900])

    private var rules: AccessRules {
        var rules = AccessRules()
        rules.areRolesTrusted = true
        (rules.operators, rules.operatorGroups, rules.adminGroups) = ([1_002], [800], [900])
        return rules
    }

    @Test("C15: each peer gets exactly the role of the table on each socket")
    func table() {
        let expected: [(PeerCredentials, Role?, Role?, Role?)] = [
            (Self.someone, .plc, .operator, nil), (Self.member, .operator, .operator, .admin),
            (Self.listed, .operator, .operator, nil), (Self.root, .plc, .operator, .admin),
            (PeerCredentials(pid: 1, uid: 5, gid: 800), .operator, .operator, nil),
            (PeerCredentials(pid: 1, uid: 5, gid: 5, groups: [800]), .operator, .operator, nil),
            (Self.unmapped, .plc, .plc, nil),
            (PeerCredentials(pid: 1, uid: 1_002, gid: 65_534), .plc, .plc, nil),
        ]
        for (peer, plc, `operator`, admin) in expected {
            #expect(rules.role(of: peer, on: .plc) == plc, "\(peer)")
            #expect(rules.role(of: peer, on: .operator) == `operator`, "\(peer)")
            #expect(rules.role(of: peer, on: .admin) == admin, "\(peer)")
        }
    }

    @Test("where roles cannot be trusted nobody gets more than plc")
    func untrusted() {
        var rules = rules
        rules.areRolesTrusted = false
        for peer in [Self.someone, Self.member, Self.listed, Self.root] {
            #expect(rules.role(of: peer, on: .plc) == .plc && rules.role(of: peer, on: .operator) == .plc)
            #expect(rules.role(of: peer, on: .admin) == nil)
        }
    }

    @Test("a user namespace is recognised by its map")
    func maps() {
        #expect(UserNamespace.isIdentity(map: "         0          0 4294967295\n"))
        #expect(UserNamespace.isIdentity(map: "0 0 65536\n65536 65536 4294901759\n"))
        for map in ["", "0 1000 1\n", "0 0 1\n", "0 0 65536\n", "0 100000 65536\n", "x", "0 0\n"] {
            #expect(!UserNamespace.isIdentity(map: map), "\(map)")
        }
        let own = ["uid_map", "gid_map"].allSatisfy { name in
            let text = try? String(contentsOfFile: "/proc/self/" + name, encoding: .utf8)
            return UserNamespace.isIdentity(map: text ?? "")
        }
        #expect(UserNamespace.isIdentity == own && AccessRules().areRolesTrusted == own)
    }

    @Test("C15: each operation on each socket is allowed or err 5, as its role says")
    func operations() async throws {
        try await Rig.run { rig in
            let roles: [(SocketKind, Role)] = [(.plc, .plc), (.operator, .operator), (.admin, .admin)]
            for (kind, role) in roles where geteuid() == 0 || kind != .admin {
                let client = try rig.client("c", kind, profile: .full, isAnonymous: true)
                for operation in Operation.allCases where operation != .hello {
                    // An argument that nobody knows is only looked at where the operation is allowed.
                    let line = "{\"op\":\"\(operation.rawValue)\",\"id\":1,\"nobody_knows\":1}"
                    let answer = try client.answer(line)
                    #expect(answer.error == (operation.role <= role ? 4 : 5), "\(kind) \(answer.text)")
                }
            }
            #expect(Set(rig.station.events) == [.roleDenied])
            // Once a minute and peer, whatever the number of refusals.
            #expect(rig.station.events.count == 1)
        }
    }

    @Test("C16: a member of the admin group is an operator on plc.sock and can change no model there")
    func ceiling() async throws {
        try await Rig.run(.with { $0.access.adminGroups = [getegid()] }) { rig in
            let client = try rig.connect()
            #expect(try client.hello(name: "m", profile: .full, isAnonymous: false).number("role") == 2)
            #expect(try client.answer("{\"op\":\"arm\",\"id\":1,\"cam\":0}").kind == "ok")
            #expect(try client.answer("{\"op\":\"model.activate\",\"id\":2,\"model\":\"m\"}").error == 5)
        }
    }

    @Test(
        "C17: without an identity map there are no roles above plc, admin.sock answers err 5, event 1505 comes"
    )
    func namespace() async throws {
        try await Rig.run(.with { $0.access.areRolesTrusted = false }) { rig in
            #expect(rig.station.events == [.rolesDisabled])
            let client = try rig.client("c", .operator)
            #expect(try client.answer("{\"op\":\"reset\",\"id\":1}").error == 5)
            let error = #expect(throws: SocketError.self) { _ = try rig.connect(.admin) }
            #expect("\(error!)".contains("\"num\":5"))
        }
    }

    private static let canBeOthers =
        geteuid() == 0 && FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv")
        && FileManager.default.isExecutableFile(atPath: "/usr/bin/python3")

    /// What the server says to a client of user `uid` that sends `lines` to `path`.
    private func say(_ lines: String, to path: String, as uid: Int) throws -> String {
        let script = """
            import socket, sys
            s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.settimeout(20)
            try: s.sendall(sys.argv[2].encode()); s.shutdown(socket.SHUT_WR)
            except OSError: pass  # the server said no before it was asked
            try:
                while (b := s.recv(4096)): sys.stdout.write(b.decode())
            except OSError: pass  # it closed while our line was under way
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
        process.arguments =
            [
                "--reuid=\(uid)", "--regid=\(uid)", "--groups=900,\(uid)", "--", "/usr/bin/python3", "-c",
                script,
            ]
            + [path, lines]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: said, as: UTF8.self)
    }

    @Test(
        "C17, C18: another user cannot take a name, uid 65534 gets err 5 on admin.sock, a group makes an admin",
        .enabled(if: canBeOthers, "needs root, setpriv and /usr/bin/python3"))
    func otherUsers() async throws {
        try await Rig.run(.with { $0.access.adminGroups = [900] }) { rig in
            for kind in SocketKind.allCases { unsafe chmod(rig.path(kind), 0o666) }
            _ = try rig.client("plc1")
            let hello = "{\"op\":\"hello\",\"id\":1,\"name\":\"plc1\",\"proto\":1,\"profile\":\"full\"}\n"
            #expect(try say(hello, to: rig.path(.plc), as: 1_234).contains("\"id\":1,\"num\":5,"))
            #expect(
                try say(hello, to: rig.path(.admin), as: 65_534).hasPrefix(
                    "{\"t\":\"err\",\"id\":0,\"num\":5,"))
            let own = hello.replacingOccurrences(of: "plc1", with: "own")
            #expect(try say(own, to: rig.path(.admin), as: 1_234).contains("\"role\":3,"))
            #expect(try say(own, to: rig.path(.plc), as: 1_234).contains("\"role\":2,"))
            #expect(rig.station.events == [.roleDenied, .roleDenied])
        }
    }
}
