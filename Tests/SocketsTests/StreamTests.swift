import Events
import Foundation
import Sockets
import Testing

/// Subscriptions: credit, filter, fast mode, and clients that do not read.
struct StreamTests {
    private func subscribe(_ client: LineClient, _ arguments: String = "") throws {
        let answer = try client.answer("{\"op\":\"sub\",\"id\":3\(arguments)}")
        #expect(answer.kind == "ok", "\(answer.text)")
    }

    @Test("a stream begins behind what was acknowledged, and gives each record when it is committed")
    func order() async throws {
        try await Rig.run { rig in
            let client = try rig.client()
            rig.commit("rr")
            try subscribe(client)
            rig.commit("e")
            #expect(try (0..<3).map { _ in try client.next().summary } == ["r1", "r2", "e3"])
            rig.commit("g")
            #expect(try client.next().summary == "gap4-6")
            #expect(try client.answer("{\"op\":\"unsub\",\"id\":4}").id == 4)
            rig.commit("r")
            #expect(try client.answer("{\"op\":\"ping\",\"id\":5}").id == 5)
        }
    }

    @Test("tail begins behind the newest record, and kinds 1 says skip before the next result")
    func tailAndKinds() async throws {
        try await Rig.run { rig in
            rig.log.append("rrr")
            let client = try rig.client(isAnonymous: true)
            try subscribe(client, ",\"after\":-2,\"kinds\":1")
            rig.commit("ee")
            rig.commit("r")
            #expect(try client.next().summary == "skip4-5")
            #expect(try client.next().summary == "r6")
        }
    }

    @Test("C45: a stream stops at its credit, beats go on, event 1502 comes once; an ack lets it go on")
    func credit() async throws {
        try await Rig.run(.with { ($0.ackTimeout, $0.heartbeat) = (.milliseconds(40), 100) }) { rig in
            let client = try rig.client()
            rig.commit("rrrrrr")
            try subscribe(client, ",\"credit\":2")
            #expect(try client.nextLine().summary == "r1")
            #expect(try client.nextLine().summary == "r2")
            for _ in 0..<3 { #expect(try client.nextLine().kind == "hb") }
            #expect(Rig.eventually { rig.station.events == [.handshakeTimeout] })
            try client.send("{\"op\":\"ack\",\"id\":4,\"seq\":1}\n")
            #expect(try client.next().number("acked") == 1)
            #expect(try client.next().summary == "r3")
            try client.send("{\"op\":\"ack\",\"id\":5,\"seq\":3}\n")
            #expect(try client.next().number("acked") == 3)
            #expect(try (0..<2).map { _ in try client.next().summary } == ["r4", "r5"])
            for _ in 0..<2 { #expect(try client.nextLine().kind == "hb") }
            #expect(rig.station.events == [.handshakeTimeout])
        }
    }

    @Test("a client that acknowledges everything gets everything once and in order")
    func longStream() async throws {
        try await Rig.run { rig in
            let client = try rig.client()
            try subscribe(client, ",\"credit\":8")
            for _ in 0..<50 { rig.commit("rrrrrrrrrrrrrrrrreee") }
            var expected: Int64 = 1
            while expected <= 1_000 {
                let line = try client.next()
                guard line.kind != "ok" else { continue }
                #expect(line.seq == expected)
                try client.send("{\"op\":\"ack\",\"id\":9,\"seq\":\(expected)}\n")
                expected += 1
            }
            #expect(Rig.eventually { rig.log.acked("plc1") == 1_000 })
        }
    }

    @Test("C51: without fast a record comes once, durable; with fast first with bit 5, then c")
    func fast() async throws {
        try await Rig.run(.with { $0.publishesFast = true }) { rig in
            let (durable, fast) = (try rig.client("durable"), try rig.client("fast"))
            try subscribe(durable)
            try subscribe(fast, ",\"fast\":1")
            for seq in 1...20 {
                let body = Record.Body.result(
                    InspectionResult(job: UInt32(seq), camera: 1, verdict: .ng, reason: .anomaly))
                rig.server.announce(Record(seq: UInt64(seq), run: 42, body: body))
                let early = try fast.next()
                #expect(early.seq == seq && early.number("fl") == 32 && early.number("v") == 2)
                rig.server.committed(upTo: rig.log.append(body))
                #expect(try fast.next().text == "{\"t\":\"c\",\"seq\":\(seq)}")
                let late = try durable.next()
                #expect(late.seq == seq && late.number("fl") == 0)
                for client in [fast, durable] {
                    #expect(
                        try client.answer("{\"op\":\"ack\",\"id\":4,\"seq\":\(seq)}").number("acked")
                            == Int64(seq))
                }
            }
        }
    }

    @Test("C51: a record whose commit failed is covered by a gap and never by another verdict")
    func fastFailure() async throws {
        try await Rig.run(.with { $0.publishesFast = true }) { rig in
            let client = try rig.client()
            try subscribe(client, ",\"fast\":1")
            let result = InspectionResult(job: 1, camera: 1, verdict: .ok, reason: .none)
            rig.server.announce(Record(seq: 1, run: 42, body: .result(result)))
            #expect(try client.next().summary == "r1")
            rig.server.committed(upTo: rig.log.append(.gap(Gap(from: 1, why: .storageError))))
            let gap = try client.next()
            #expect(gap.summary == "gap1-1" && gap.number("why") == 4)
            rig.commit("r")
            #expect(try client.lines(until: "r").last?.summary == "r2")
        }
    }

    @Test("without publish = fast nothing is sent before its commit, whoever asks")
    func fastIsOff() async throws {
        try await Rig.run { rig in
            let client = try rig.client()
            try subscribe(client, ",\"fast\":1")
            let result = InspectionResult(job: 1, camera: 1, verdict: .ok, reason: .none)
            rig.server.announce(Record(seq: 1, run: 42, body: .result(result)))
            #expect(try client.answer("{\"op\":\"ping\",\"id\":4}").id == 4)
            rig.commit("r")
            #expect(try client.next().number("fl") == 0)
        }
    }

    @Test(
        "C44: a stream that nobody drains is ended with bye 3, which its client still finds, and no other waits",
        arguments: [Profile.plc, .full])
    func slow(profile: Profile) async throws {
        try await Rig.run(.with { $0.slowTimeout = .milliseconds(150) }) { rig in
            let slow = try rig.client("slow", profile: profile, isAnonymous: true)
            let other = try rig.client("other")
            try subscribe(slow)
            try subscribe(other, ",\"credit\":1024")
            for round in 1...40 {
                rig.commit(String(repeating: "r", count: 100))
                var line = try other.next()
                while line.seq < round * 100 { line = try other.next() }
                let ack = try other.answer("{\"op\":\"ack\",\"id\":4,\"seq\":\(line.seq)}")
                #expect(ack.number("acked") == line.seq)
            }
            usleep(400_000)
            let lines = slow.rest()
            #expect(lines.last?.text == "{\"t\":\"bye\",\"why\":3,\"code\":\"slow\",\"retry\":1000}")
            #expect(lines.count > 100 && lines.count < 4_000)
        }
    }
}
