extension ConformanceCheck {
    /// C28 to C36: reading the log by cursor.
    static let reading: [ConformanceCheck] = [
        ConformanceCheck("C28", "polled from the oldest to the newest, every number is accounted for") {
            target in
            let wire = try Wire(target, name: nil)
            let records = try readAll(wire, kinds: 3)
            try expectCovered(records, from: wire.greeting.number("first")!)
        },
        ConformanceCheck("C29", "what the filter leaves out is covered by skip lines, exactly") { target in
            let wire = try Wire(target, name: nil)
            let all = try readAll(wire, kinds: 3)
            let results = try readAll(wire, kinds: 1)
            try expectCovered(results, from: wire.greeting.number("first")!)
            try expect(!results.contains { $0.kind == "e" }, "an event came through the filter")
            let last = results.last?.number("seq") ?? 0
            let wanted = all.filter { $0.kind == "r" && $0.number("seq")! <= last }.map { $0.asDelivered }
            let got = results.filter { $0.kind == "r" }.map { $0.asDelivered }
            try expect(got == wanted, "\(got.count) results instead of \(wanted.count)")
        },
        ConformanceCheck("C30", "acknowledgements never move back and never lead") { target in
            let wire = try Wire(target, name: "conform_ack")
            let last = try newest(wire)
            guard last >= 10 else { throw Skipped(reason: "the log holds fewer than 10 records") }
            let answers = try [last, last - 5, last].map { try wire.ask("ack", "\"seq\":\($0)") }
            for answer in answers {
                try expect(answer.kind == "ok" && answer.number("acked") == last, "\(answer)")
            }
            let ahead = try wire.ask("ack", "\"seq\":\(last + 1_000_000_000)")
            try expect(ahead.number("num") == 10, "\(ahead)")
        },
        ConformanceCheck("C32", "without acknowledgement the same records come again, bytes equal") {
            target in
            var deliveries: [[String]] = []
            for _ in 0..<2 {
                let wire = try Wire(target, name: "conform_again")
                let after = max(wire.greeting.number("first")! - 1, wire.greeting.number("last")! - 20)
                let (records, _) = try wire.exchange("poll", "\"after\":\(after),\"max\":16")
                deliveries.append(records.filter { $0.kind != "hb" }.map { $0.asDelivered })
            }
            try expect(!deliveries[0].isEmpty, "the log is empty")
            // The second delivery may begin later: compare what both have.
            let second = Set(deliveries[1])
            let common = deliveries[0].filter { second.contains($0) }
            let numbers = deliveries.map { $0.compactMap { WireLine(text: $0).number("seq") } }
            let shared = Set(numbers[0]).intersection(numbers[1])
            try expect(common.count == shared.count, "\(shared.count - common.count) records changed")
        },
        ConformanceCheck("C35", "a cursor that is too old gets a gap; strictly, err 18 with the oldest") {
            target in
            let wire = try Wire(target, name: nil)
            let first = wire.greeting.number("first")!
            guard first > 2 else { throw Skipped(reason: "nothing was retired yet") }
            let (records, _) = try wire.exchange("poll", "\"after\":0,\"max\":2")
            try expect(records.first?.kind == "gap" && records.first?.number("why") == 1, "\(records)")
            let strict = try wire.ask("poll", "\"after\":0,\"strict\":1")
            try expect(strict.number("num") == 18 && (strict.number("a") ?? 0) >= first, "\(strict)")
        },
        ConformanceCheck("C36", "the idea of another log is err 11") { target in
            let wire = try Wire(target, name: nil)
            let log = wire.greeting.word("log")!
            let other = log == "00000001" ? "00000002" : "00000001"
            let answer = try wire.ask("poll", "\"log\":\"\(other)\"")
            try expect(answer.number("num") == 11, "\(answer)")
            try expect(try wire.ask("poll", "\"log\":\"\(log)\",\"after\":0").kind == "end", "its own log")
        },
    ]

    private static func newest(_ wire: Wire) throws -> Int {
        try wire.ask("state").number("last") ?? 0
    }

    /// Everything that the log holds, by polling.
    private static func readAll(_ wire: Wire, kinds: Int) throws -> [WireLine] {
        var cursor = wire.greeting.number("first")! - 1
        var all: [WireLine] = []
        while all.count < 20_000 {
            let (records, end) = try wire.exchange(
                "poll", "\"after\":\(cursor),\"max\":256,\"kinds\":\(kinds)")
            try expect(end.kind == "end", "\(end)")
            let numbered = records.filter { $0.kind != "hb" }
            all += numbered
            guard let next = end.number("next"), next > cursor else { return all }
            cursor = next
            // Far enough: what is written meanwhile need not be chased.
            if cursor >= wire.greeting.number("last")! { return all }
        }
        return all
    }

    /// Throws unless the lines cover every number from `first` on once, ascending.
    private static func expectCovered(_ lines: [WireLine], from first: Int) throws {
        var next = first
        for line in lines {
            guard let seq = line.number("seq") else { throw Violation("no seq in \(line)") }
            let from = line.number("from") ?? seq
            // The oldest may have been retired meanwhile.
            if line.kind == "gap", line.number("why") == 1, from <= next {
                next = seq + 1
                continue
            }
            try expect(from == next, "after \(next - 1) came \(line)")
            next = seq + 1
        }
        try expect(next > first, "the log is empty")
    }
}
