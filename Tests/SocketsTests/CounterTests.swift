import Events
import Sockets
import Testing

struct CounterTests {
    @Test("clients are counted by socket while they are connected, and those that were turned away too")
    func clients() async throws {
        try await Rig.run(.with { $0.clientLimit = 2 }) { rig in
            do {
                let clients = [try rig.client("a"), try rig.client("b"), try rig.client("c", .admin)]
                #expect(try LineClientRefusal(path: rig.path(.plc)).number == 9)
                let counters = rig.server.counters
                #expect(counters.clients == [.plc: 2, .operator: 0, .admin: 1])
                #expect(counters.connections == [.plc: 3, .operator: 0, .admin: 1])
                #expect(counters.errors == [.tooManyClients: 1])
                #expect(clients.count == 3)
            }
            #expect(Rig.eventually { rig.server.counters.clients.values.allSatisfy { $0 == 0 } })
            #expect(rig.server.counters.connections[.plc] == 3)
        }
    }

    @Test("every error line counts under its number, and lines that break the protocol together")
    func errors() async throws {
        try await Rig.run { rig in
            let client = try rig.connect()
            for line in ["{", "[]", "{\"op\":\"nonsense\",\"id\":1}", "{\"op\":\"state\",\"id\":2}"] {
                #expect(try client.answer(line).kind == "err")
            }
            _ = try client.hello(name: "a", profile: .plc, isAnonymous: true)
            #expect(try client.answer("{\"op\":\"ack\",\"id\":3,\"seq\":1}").number("num") == 8)
            #expect(try client.answer("{\"op\":\"halt\",\"id\":4}").number("num") == 5)
            #expect(try client.answer("{\"op\":\"poll\",\"id\":5,\"after\":9000}").number("num") == 10)
            let counters = rig.server.counters
            #expect(
                counters.errors == [
                    .badJSON: 2, .unknownOperation: 1, .needHello: 1, .anonymousClient: 1, .forbidden: 1,
                    .cursorAhead: 1,
                ])
            #expect(counters.protocolErrors == 5)
            #expect(counters.rolesDenied == 1)
            #expect(counters.farewells == [:] && counters.helloTimeouts == 0)
        }
    }

    @Test("farewells count by their reason, hello timeouts among them, and each refusal of a role counts")
    func farewells() async throws {
        try await Rig.run(.with { $0.helloTimeout = .milliseconds(30) }) { rig in
            #expect(try rig.connect().lines(until: "bye").last?.number("why") == 1)
            let first = try rig.client("same")
            let second = try rig.client("same")
            #expect(try first.lines(until: "bye").last?.number("why") == 5)
            for id in 1...3 { _ = try second.answer("{\"op\":\"arm\",\"id\":\(id),\"cam\":0}") }
            let denied = rig.server.counters.errors[.forbidden] ?? 0
            #expect(rig.server.counters.farewells == [.helloTimeout: 1, .replaced: 1])
            #expect(rig.server.counters.helloTimeouts == 1)
            #expect(rig.server.counters.rolesDenied == denied)
        }
    }
}

/// The error line with which a server turned a client away.
private struct LineClientRefusal {
    let number: Int64?

    init(path: String) throws {
        do {
            _ = try LineClient(path: path, patience: Rig.patience)
            number = nil
        } catch {
            guard case .notLinewatch(_, let line) = error else { throw error }
            number = ServerLine(line).number("num")
        }
    }
}
