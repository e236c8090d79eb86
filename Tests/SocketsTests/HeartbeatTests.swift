import Events
import Foundation
import Sockets
import Synchronization
import Testing

/// Beats and watches.
struct HeartbeatTests {
    private func hello(_ rig: Rig, _ name: String, period: Int) throws -> LineClient {
        let client = try rig.connect()
        let hello =
            "{\"op\":\"hello\",\"id\":1,\"name\":\"\(name)\",\"proto\":1,\"profile\":\"plc\",\"hb\":\(period)}"
        #expect(try client.answer(hello).number("hb") == Int64(period))
        return client
    }

    @Test("C48: beats count from 1 and keep their period on average")
    func period() async throws {
        try await Rig.run { rig in
            let client = try hello(rig, "plc1", period: 100)
            let start = ContinuousClock.now
            try client.send("{\"op\":\"sub\",\"id\":2}\n")
            var beats: [Int64] = []
            while beats.count < 5 {
                let line = try client.nextLine()
                if line.kind == "hb" { beats.append(line.number("n") ?? 0) }
            }
            #expect(beats == [1, 2, 3, 4, 5])
            // No clock of a test is trusted to be quick, but a beat never comes early.
            #expect(ContinuousClock.now - start >= .milliseconds(490))
        }
    }

    @Test("a beat says what the station says, and what waits for this consumer")
    func content() async throws {
        try await Rig.run { rig in
            let client = try hello(rig, "plc1", period: 100)
            rig.commit("rrr")
            rig.station.state.withLock {
                ($0.status.alarms, $0.status.missed) = ([.cameraLost, .uncalibrated], 68)
            }
            try client.send("{\"op\":\"watch\",\"id\":2,\"ms\":60000}\n")
            #expect(try client.next().kind == "ok")
            #expect(
                try client.nextLine().text == """
                    {"t":"hb","n":1,"st":3,"rdy":1,"al":65,"first":1,"last":3,"bk":3,"ms":68,"cfg":48211,\
                    "ts":1795230294000}
                    """)
            try client.send("{\"op\":\"watch\",\"id\":3,\"ms\":0}\n")
            #expect(try client.next().kind == "ok")
        }
    }

    @Test("without progress there is no beat, and the count goes on where it was")
    func progress() async throws {
        try await Rig.run { rig in
            let client = try hello(rig, "plc1", period: 100)
            try client.send("{\"op\":\"sub\",\"id\":2}\n")
            #expect(try client.lines(until: "ok").count == 1)
            rig.station.state.withLock { $0.isMakingProgress = false }
            var beats: Int64 = 0
            client.patience = 350
            while let beat = try? client.nextLine() { beats = beat.number("n") ?? 0 }
            // At most the beat that was under way.
            #expect(beats <= 1)
            client.patience = Rig.patience
            rig.station.state.withLock { $0.isMakingProgress = true }
            #expect(try client.nextLine().number("n") == beats + 1)
        }
    }

    @Test(
        "C50: a client that promised to speak and is silent raises event 1501 once, and again after it spoke")
    func watch() async throws {
        try await Rig.run { rig in
            let client = try rig.client()
            #expect(try client.answer("{\"op\":\"watch\",\"id\":2,\"ms\":200}").kind == "ok")
            #expect(Rig.eventually { rig.station.events == [.clientLost] && rig.station.lost == ["plc1"] })
            usleep(500_000)
            #expect(rig.station.events == [.clientLost])
            #expect(try client.answer("{\"op\":\"ping\",\"id\":3}").kind == "ok")
            #expect(Rig.eventually { rig.station.lost == ["plc1", "plc1"] })
        }
    }

    @Test("a client that went away is silent too, unless it comes back in time")
    func goneClient() async throws {
        try await Rig.run { rig in
            func promise(_ name: String) throws {
                let client = try rig.client(name)
                #expect(try client.answer("{\"op\":\"watch\",\"id\":2,\"ms\":300}").kind == "ok")
            }
            try promise("gone")
            try promise("back")
            let back = try rig.client("back")
            #expect(Rig.eventually { rig.station.lost == ["gone"] })
            usleep(200_000)
            #expect(rig.station.lost == ["gone"])
            #expect(try back.answer("{\"op\":\"ping\",\"id\":3}").kind == "ok")
        }
    }

    @Test(
        "an anonymous client can neither acknowledge nor watch: err 8",
        arguments: ["ack\",\"seq\":0", "watch\",\"ms\":500"])
    func anonymous(request: String) async throws {
        try await Rig.run { rig in
            let client = try rig.client(isAnonymous: true)
            let line = "{\"id\":1,\"op\":\"" + request + "}"
            #expect(try client.answer(line).error == 8)
            #expect(rig.log.acked("plc1") == nil)
        }
    }
}
