import Events
import Sockets
import Testing

/// Reading by cursor, one request at a time.
struct PollTests {
    /// Polls from `after` until nothing is left; every line but the ends.
    private func all(_ client: LineClient, after: Int64, _ more: String = "") throws -> [ServerLine] {
        var (lines, cursor): ([ServerLine], Int64) = ([], after)
        while true {
            let answer = try client.pollLines("\"after\":\(cursor)\(more)")
            lines += answer.dropLast()
            cursor = answer.last?.number("next") ?? cursor
            if answer.last?.number("more") != 1 { return lines }
        }
    }

    @Test(
        "C28: polling from 0 says every number as record, gap or skip, ascending", arguments: [1, 2, 7, 256])
    func everyNumber(max: Int) async throws {
        try await Rig.run { rig in
            rig.log.append(String(repeating: "rregreegr", count: 20))
            let client = try rig.client()
            let lines = try all(client, after: 0, ",\"max\":\(max)")
            var next: Int64 = 1
            for line in lines {
                #expect((line.number("from") ?? line.seq) == next, "\(line.text)")
                next = line.seq + 1
            }
            #expect(next == Int64(rig.log.span.last) + 1)
        }
    }

    @Test("C29: with kinds 1 skip lines cover exactly the events, and with kinds 2 the results")
    func kinds() async throws {
        try await Rig.run { rig in
            rig.log.append("reererrreee")
            let client = try rig.client()
            let results = try all(client, after: 0, ",\"max\":256,\"kinds\":1")
            #expect(
                results.map(\.summary) == ["r1", "skip2-3", "r4", "skip5-5", "r6", "r7", "r8", "skip9-11"])
            let single = try all(client, after: 0, ",\"kinds\":1")
            #expect(
                single.map(\.summary) == ["r1", "skip2-3", "r4", "skip5-5", "r6", "r7", "r8", "skip9-11"])
            let events = try all(client, after: 0, ",\"max\":256,\"kinds\":2")
            #expect(
                events.map(\.summary) == [
                    "skip1-1", "e2", "e3", "skip4-4", "e5", "skip6-8", "e9", "e10", "e11",
                ])
        }
    }

    @Test("the end of a poll says where it stands, as printed")
    func end() async throws {
        try await Rig.run { rig in
            rig.log.append("rrr")
            let client = try rig.client()
            let lines = try client.pollLines("\"after\":1,\"max\":1")
            #expect(
                lines.last?.text
                    == "{\"t\":\"end\",\"id\":7,\"n\":1,\"next\":2,\"last\":3,\"more\":1,\"acked\":3}")
            #expect(lines[0].number("bk") == 1)
            #expect(try client.pollLines("\"after\":3").map(\.kind) == ["end"])
        }
    }

    @Test("C30: acknowledging is cumulative, repeatable, never moves back and never runs ahead")
    func acknowledging() async throws {
        try await Rig.run { rig in
            let client = try rig.client()
            rig.commit(String(repeating: "r", count: 20))
            for (seq, acked) in [(10, 10), (5, 10), (10, 10)] {
                #expect(
                    try client.answer("{\"op\":\"ack\",\"id\":8,\"seq\":\(seq)}").text
                        == "{\"t\":\"ok\",\"id\":8,\"acked\":\(acked)}")
            }
            let ahead = try client.answer("{\"op\":\"ack\",\"id\":8,\"seq\":21}")
            #expect(ahead.error == 10 && ahead.number("a") == 20)
            #expect(rig.log.acked("plc1") == 10)
        }
    }

    @Test(
        "C32: without ack a new connection gets the same records, equal but for bk and the flags of delivery")
    func again() async throws {
        try await Rig.run { rig in
            var texts: [[String]] = []
            _ = try rig.client()
            rig.commit("rerg")
            for round in 0..<2 {
                let client = try rig.client()
                let lines = try all(client, after: -1, ",\"max\":256")
                #expect(lines.allSatisfy { $0.kind == "gap" || $0.number("fl") == 4 })
                texts.append(lines.map { $0.text.prefix { $0 != "b" }.description })
                if round == 0 { rig.commit("r") }
            }
            #expect(texts[0] == Array(texts[1].prefix(4)) && texts[1].count == 5)
        }
    }

    @Test("C35: a cursor before the log gets one gap and goes on, and err 18 where it is strict")
    func oldCursor() async throws {
        try await Rig.run { rig in
            rig.log.append("rrrrrrrr")
            rig.log.retain(from: 5)
            let client = try rig.client()
            let lines = try client.pollLines("\"after\":1,\"max\":256")
            #expect(lines.map(\.summary) == ["gap2-4", "r5", "r6", "r7", "r8", "end"])
            #expect(lines[0].number("why") == 1)
            let strict = try client.pollLines("\"after\":3,\"strict\":1")
            #expect(strict[0].error == 18 && strict[0].number("a") == 5)
            #expect(try client.pollLines("\"after\":4,\"strict\":1").last?.kind == "end")
            // Retention took everything: the numbers are said as gone, and the poll ends.
            rig.log.retain(from: 9)
            #expect(try client.pollLines("\"after\":6").map(\.summary) == ["gap7-8", "end"])
        }
    }

    @Test(
        "a cursor beyond the log is err 10, and C36: another log is err 11",
        arguments: ["poll", "sub", "ack"])
    func wrongLog(operation: String) async throws {
        try await Rig.run { rig in
            rig.log.append("rr")
            let client = try rig.client()
            let cursor = operation == "ack" ? "seq" : "after"
            let ahead = try client.answer("{\"op\":\"\(operation)\",\"id\":1,\"\(cursor)\":3}")
            #expect(ahead.error == 10 && ahead.number("a") == 2)
            let other = "{\"op\":\"\(operation)\",\"id\":1,\"\(cursor)\":1,\"log\":\"00000000\"}"
            #expect(try client.answer(other).error == 11)
            let same = "{\"op\":\"\(operation)\",\"id\":1,\"\(cursor)\":1,\"log\":\"7f3a9c21\"}"
            #expect(try client.answer(same).error == 0)
        }
    }

    @Test("C38: a waiting poll returns with the record that is committed meanwhile")
    func longPoll() async throws {
        try await Rig.run { rig in
            let client = try rig.client()
            for _ in 0..<20 {
                try client.send("{\"op\":\"poll\",\"id\":7,\"after\":\(rig.log.span.last),\"wait\":5000}\n")
                rig.commit("r")
                #expect(try client.lines(until: "end").map(\.kind) == ["r", "end"])
            }
            // Filtered records do not end the wait.
            try client.send("{\"op\":\"poll\",\"id\":7,\"after\":20,\"wait\":5000,\"kinds\":1}\n")
            rig.commit("e")
            rig.commit("r")
            #expect(try client.lines(until: "end").map(\.summary) == ["skip21-21", "r22", "end"])
        }
    }

    @Test("a poll that waits in vain ends empty when its wait is over")
    func wait() async throws {
        try await Rig.run { rig in
            let client = try rig.client()
            #expect(try client.pollLines("\"wait\":30").map(\.summary) == ["end"])
        }
    }

    @Test("C37: a line that arrives while a poll waits ends the wait at once and is handled next")
    func interrupted() async throws {
        try await Rig.run { rig in
            let client = try rig.client()
            var fastest = Duration.seconds(600)
            for _ in 0..<20 {
                let start = ContinuousClock.now
                try client.send("{\"op\":\"poll\",\"id\":7,\"wait\":5000}\n")
                try client.send("{\"op\":\"trigger\",\"id\":8}\n")
                #expect(try client.next().kind == "end")
                #expect(try client.next().number("job") != nil)
                fastest = min(fastest, ContinuousClock.now - start)
            }
            // Each of them would last its five seconds; a loaded machine may be slow now and then.
            #expect(fastest < .seconds(5))
        }
    }

    @Test("a broken medium is err 21 and a full disk err 20, and the poll works again afterwards")
    func faults() async throws {
        try await Rig.run { rig in
            rig.log.append("r")
            let client = try rig.client(profile: .full)
            rig.log.fail(.storage(reason: "I/O error on events.db"))
            let error = try client.pollLines("\"after\":0")[0]
            #expect(error.error == 21 && error["msg"]?.text == "I/O error on events.db")
            rig.log.fail(.diskFull)
            #expect(try client.pollLines("\"after\":0")[0].error == 20)
            rig.log.fail(nil)
            #expect(try client.pollLines("\"after\":0").count == 2)
        }
    }
}

extension LineClient {
    /// The lines that answer a poll with `arguments`, id 7: its end or its error last.
    func pollLines(_ arguments: String) throws -> [ServerLine] {
        try send("{\"op\":\"poll\",\"id\":7,\(arguments)}\n")
        var lines: [ServerLine] = []
        while !["end", "err"].contains(lines.last?.kind) { lines.append(try next()) }
        return lines
    }
}

extension ServerLine {
    /// The kind with the numbers that it speaks of.
    var summary: String {
        guard let from = number("from") else { return kind + (number("seq").map { "\($0)" } ?? "") }
        return "\(kind)\(from)-\(seq)"
    }
}
