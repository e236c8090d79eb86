import Events
import Foundation
import Sockets
import Synchronization
import Testing

/// What each operation answers, and every error number.
struct OperationTests {
    @Test("trigger, state and stats are answered as printed")
    func plcAnswers() async throws {
        try await Rig.run { rig in
            rig.log.append("rr")
            let client = try rig.client()
            #expect(
                try client.answer("{\"op\":\"trigger\",\"id\":9,\"cam\":1,\"pn\":4712,\"deadline\":80}").text
                    == "{\"t\":\"ok\",\"id\":9,\"job\":89,\"cam\":1,\"dl\":80,\"ts\":1795230293980}")
            #expect(
                try client.answer("{\"op\":\"state\",\"id\":11}").text == """
                    {"t":"st","id":11,"st":3,"rdy":1,"err":0,"al":0,"rcp":0,"armed":0,"cok":0,"q":0,"free":0,"last":2,\
                    "acked":2,"bk":0,"cfg":48211,"ts":1795230294000}
                    """)
            rig.station.state.withLock { ($0.statistics.run, $0.statistics.triggers) = (42, 5_901) }
            #expect(
                try client.answer("{\"op\":\"stats\",\"id\":12}").text == """
                    {"t":"stats","id":12,"run":42,"up":0,"tr":5901,"ok":0,"ng":0,"un":0,"iv":0,"ms":0,"lost":0,\
                    "p50":0,"p99":0,"dl":0}
                    """)
        }
    }

    @Test("C10: whatever number the station refuses with reaches the client with its code and its retry")
    func stationErrors() async throws {
        try await Rig.run { rig in
            let client = try rig.client(profile: .full)
            for number in ErrorNumber.allCases {
                rig.station.refuse(Refusal(number, retry: 25, a: 7, b: 8))
                let answer = try client.answer("{\"op\":\"trigger\",\"id\":9}")
                #expect(
                    answer.error == Int64(number.rawValue) && answer["code"]?.text == number.code.description)
                #expect(answer.number("retry") == 25 && answer.number("a") == 7 && answer.number("b") == 8)
                #expect(answer["msg"]?.text == number.remedy.description)
            }
            #expect(rig.station.state.withLock { $0.internalErrors } == 1)
        }
    }

    @Test("requests wait for the one before them, while other connections are served")
    func order() async throws {
        try await Rig.run { rig in
            let (client, other) = (try rig.client("a"), try rig.client("b"))
            rig.station.state.withLock { $0.delay = .milliseconds(60) }
            try client.send(
                "{\"op\":\"trigger\",\"id\":1}\n{\"op\":\"ping\",\"id\":2}\n{\"op\":\"trigger\",\"id\":3}\n")
            #expect(try other.answer("{\"op\":\"ping\",\"id\":9}").id == 9)
            #expect(try (0..<3).map { _ in try client.next().id } == [1, 2, 3])
        }
    }

    @Test("get shows one record with what came later, and err 19 with the reason where there is none")
    func get() async throws {
        try await Rig.run { rig in
            var result = InspectionResult(job: 5, camera: 1, verdict: .invalid, reason: .deadline)
            result.late = .init(score: 12_000, latencyMicroseconds: 90_000)
            rig.log.append(.result(result))
            let client = try rig.client(profile: .full)
            let answer = try client.answer("{\"op\":\"get\",\"id\":1,\"seq\":1}")
            #expect(answer.kind == "r" && answer["late"]?["sc"]?.integer == 12_000)
            let end = try client.next()
            #expect(end.kind == "end" && end.id == 1 && end.number("n") == 1)
            let future = try client.answer("{\"op\":\"get\",\"id\":1,\"seq\":2}")
            #expect(future.error == 19 && future.number("a") == 1 && future.number("b") == 1)
            #expect(future["msg"]?.text == "Number 2 was not given yet: the newest is 1.", "\(future.text)")
            #expect(try rig.client("p").answer("{\"op\":\"get\",\"id\":1,\"seq\":1}").error == 4)
        }
    }

    @Test("a record that is not there was aged out, was not given yet, or the log is empty")
    func reasons() {
        func reason(_ seq: UInt64, _ first: UInt64, _ last: UInt64) -> String {
            Refusal.noRecord(seq, in: LogSpan(log: 1, run: 1, first: first, last: last)).message
        }
        #expect(reason(3, 20, 30) == "Number 3 was aged out: the oldest that is kept is 20.")
        #expect(reason(31, 20, 30) == "Number 31 was not given yet: the newest is 30.")
        #expect(reason(1, 1, 0).contains("the log is empty"))
    }

    private static let isRoot = geteuid() == 0

    @Test(
        "consumers are listed and dropped; a stranger is err 17",
        .enabled(if: isRoot, "admin.sock needs root"))
    func consumers() async throws {
        try await Rig.run { rig in
            _ = try rig.client("plc1")
            rig.commit("rr")
            let admin = try rig.client("a", .admin, profile: .full, isAnonymous: true)
            let list = try admin.answer("{\"op\":\"consumer.list\",\"id\":1}")["consumers"]?.elements
            #expect(list?.count == 1 && list?[0]["name"]?.text == "plc1" && list?[0]["lag"]?.integer == 2)
            #expect(try admin.answer("{\"op\":\"consumer.drop\",\"id\":2,\"name\":\"plc1\"}").kind == "ok")
            #expect(try admin.answer("{\"op\":\"consumer.drop\",\"id\":2,\"name\":\"plc1\"}").error == 17)
        }
    }

    @Test("a file comes in pieces that make the file again", .enabled(if: isRoot, "admin.sock needs root"))
    func blobs() async throws {
        try await Rig.run { rig in
            let admin = try rig.client("a", .admin, profile: .full, isAnonymous: true)
            for count in [0, 1, 2, 3, 18_000, 18_001, 500_000] {
                let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
                rig.station.state.withLock { $0.reply = .blob(bytes) }
                try admin.send("{\"op\":\"image.get\",\"id\":1,\"img\":1}\n")
                let lines = try admin.lines(until: "end")
                var received = Data()
                for line in lines.dropLast() {
                    #expect(line.number("off") == Int64(received.count) && line.bytes.count < LineLimit.full)
                    received += try #require(Data(base64Encoded: line["b64"]?.text ?? "?"))
                }
                #expect(received == Data(bytes) && lines.last?.number("n") == Int64(lines.count - 1))
            }
        }
    }

    @Test(
        "an export gives the records of its range, and an answer has the keys that the station gave",
        .enabled(if: isRoot, "admin.sock needs root"))
    func export() async throws {
        try await Rig.run { rig in
            rig.log.append("rregrrrrrr")
            let admin = try rig.client("a", .admin, profile: .full, isAnonymous: true)
            try admin.send("{\"op\":\"store.export\",\"id\":1,\"after\":1,\"to\":8}\n")
            #expect(
                try admin.lines(until: "end").map(\.summary) == ["r2", "e3", "gap4-6", "r7", "r8", "end"])
            rig.station.state.withLock {
                $0.reply = .ok([JSONMember("cfg", .integer(7)), JSONMember("list", .array([.text("a\"b")]))])
            }
            #expect(
                try admin.answer("{\"op\":\"config.reload\",\"id\":2}").text
                    == "{\"t\":\"ok\",\"id\":2,\"cfg\":7,\"list\":[\"a\\\"b\"]}")
            rig.station.state.withLock {
                $0.reply = .ok([JSONMember("x", .text(String(repeating: "x", count: 40_000)))])
            }
            #expect(try admin.answer("{\"op\":\"metrics\",\"id\":3}").error == 30)
        }
    }
}
