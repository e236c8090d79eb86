import Dispatch
import Events
import Sockets
import Testing

/// The greeting, the hello and what may be said before it.
struct HandshakeTests {
    @Test("C1: a client that says nothing gets the greeting first, its keys in the printed order")
    func greeting() async throws {
        try await Rig.run { rig in
            rig.log.append("rrr")
            let client = try rig.connect()
            #expect(
                client.greeting.text == """
                    {"t":"hello","proto":1,"minor":0,"srv":"linewatchd/0.4.0","station":"ST10","log":"7f3a9c21","run":42,\
                    "first":1,"last":3,"hb":1000,"max":240,"cfg":48211,"st":3}
                    """)
        }
    }

    @Test("C2: without hello the server says bye 1 and closes")
    func helloTimeout() async throws {
        try await Rig.run(.with { $0.helloTimeout = .milliseconds(50) }) { rig in
            let client = try rig.connect()
            #expect(try client.answer("{\"op\":\"ping\",\"id\":1}").text == "{\"t\":\"ok\",\"id\":1}")
            let bye = try client.next()
            #expect(bye.text == "{\"t\":\"bye\",\"why\":1,\"code\":\"hello_timeout\",\"retry\":1000}")
            #expect(client.isClosed)
        }
    }

    @Test("C3: before hello every operation but ping is refused with 7")
    func needHello() async throws {
        try await Rig.run { rig in
            let client = try rig.connect()
            for operation in Operation.allCases where operation != .hello && operation != .ping {
                let answer = try client.answer("{\"op\":\"\(operation.rawValue)\",\"id\":1}")
                #expect(answer.error == 7, "\(operation): \(answer.text)")
            }
            #expect(try client.answer("{\"op\":\"ping\",\"id\":2}").kind == "ok")
        }
    }

    @Test("C4: another major version is refused with the versions that are served, and closed")
    func otherMajor() async throws {
        try await Rig.run { rig in
            let client = try rig.connect()
            let answer = try client.answer("{\"op\":\"hello\",\"id\":1,\"proto\":2,\"caps\":\"new\"}")
            #expect(
                answer.text
                    == "{\"t\":\"err\",\"id\":1,\"num\":6,\"code\":\"proto_mismatch\",\"retry\":0,\"a\":1,\"b\":1}"
            )
            #expect(client.isClosed)
        }
    }

    @Test("hello is answered as printed, and its own heartbeat period counts")
    func hello() async throws {
        try await Rig.run { rig in
            rig.log.append("rr")
            let client = try rig.connect()
            let hello =
                "{\"op\":\"hello\",\"id\":1,\"name\":\"plc1\",\"proto\":1,\"profile\":\"plc\",\"hb\":250}"
            #expect(
                try client.answer(hello).text
                    == "{\"t\":\"ok\",\"id\":1,\"role\":1,\"acked\":2,\"first\":1,\"last\":2,\"hb\":250,\"credit\":0}"
            )
            #expect(try client.answer(hello).error == 14)
        }
    }

    @Test("C9: the id is echoed from end to end of its range, and an unreadable one is 0")
    func ids() async throws {
        try await Rig.run { rig in
            let client = try rig.client()
            for id in [1, 2_147_483_647] {
                #expect(try client.answer("{\"op\":\"ping\",\"id\":\(id)}").id == UInt32(id))
            }
            for id in ["0", "-1", "2147483648", "\"7\"", "1.5", "null", "[]"] {
                let answer = try client.answer("{\"op\":\"ping\",\"id\":\(id)}")
                #expect(answer.id == 0 && answer.error == (id == "[]" ? 1 : 4), "\(answer.text)")
            }
            #expect(try client.answer("{\"op\":\"ping\"}").id == 0)
        }
    }

    @Test("C13: the seventeenth client is refused with 9, and admin is still served")
    func tooManyClients() async throws {
        try await Rig.run { rig in
            var clients: [LineClient] = []
            for index in 0..<16 { clients.append(try rig.connect(index % 2 == 0 ? .plc : .operator)) }
            let error = #expect(throws: SocketError.self) { _ = try rig.connect() }
            #expect("\(error!)".contains("too_many_clients"))
            for _ in 0..<4 { clients.append(try rig.client("a", .admin, isAnonymous: true)) }
            #expect(throws: SocketError.self) { _ = try rig.connect(.admin) }
            // A place that becomes free is given again.
            clients.removeFirst()
            #expect(Rig.eventually { (try? rig.connect()) != nil })
        }
    }

    @Test("C18: a second connection of the same name and user replaces the first, which gets bye 5")
    func replaced() async throws {
        try await Rig.run { rig in
            let first = try rig.client("plc1")
            let second = try rig.client("plc1")
            #expect(try first.next().number("why") == 5)
            #expect(first.isClosed)
            #expect(try second.answer("{\"op\":\"ping\",\"id\":1}").kind == "ok")
            #expect(rig.station.events == [.clientReplaced])
        }
    }

    @Test("a stop says bye 4 to every client and removes the sockets that the server made")
    func shutdown() async throws {
        try await Rig.run(.with { $0.helloTimeout = .seconds(600) }) { rig in
            let clients = [try rig.connect(), try rig.client("s")]
            let stopped = DispatchSemaphore(value: 0)
            Task.detached {
                await rig.server.stop()
                stopped.signal()
            }
            stopped.wait()
            for client in clients {
                #expect(try client.next().number("why") == 4)
                #expect(client.isClosed)
            }
            #expect(throws: SocketError.self) { _ = try rig.connect() }
        }
    }
}
