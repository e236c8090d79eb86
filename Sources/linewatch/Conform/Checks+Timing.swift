internal import Platform

extension ConformanceCheck {
    /// C37 to C50: how soon and how often.
    static let timing: [ConformanceCheck] = [
        ConformanceCheck("C37", "a waiting poll never delays the next request") { target in
            let wire = try Wire(target, name: nil)
            let last = try wire.ask("state").number("last") ?? 0
            try wire.send("{\"op\":\"poll\",\"id\":71,\"after\":\(last),\"wait\":5000,\"kinds\":2}\n")
            _ = try wire.lines(for: 100)
            let start = MonotonicClock.now
            try wire.send("{\"op\":\"ping\",\"id\":72}\n")
            var seen: [Int] = []
            while seen.last != 72 {
                if let id = try wire.line(within: 1_000).number("id") { seen.append(id) }
            }
            let milliseconds = (MonotonicClock.now - start) / 1_000_000
            try expect(seen == [71, 72], "answers \(seen)")
            try expect(milliseconds <= 20, "after \(milliseconds) ms")
        },
        ConformanceCheck("C38", "a waiting poll returns with the result of a trigger") { target in
            let wire = try Wire(target, name: nil)
            let trigger = try Wire(target, name: nil)
            let last = try wire.ask("state").number("last") ?? 0
            try wire.send("{\"op\":\"poll\",\"id\":81,\"after\":\(last),\"wait\":5000,\"max\":1}\n")
            let accepted = try trigger.ask("trigger", "\"cam\":\(target.camera),\"pn\":4711")
            guard accepted.kind == "ok" else { throw Skipped(reason: "the trigger was refused: \(accepted)") }
            let line = try wire.line(within: 5_500)
            try expect(["r", "e"].contains(line.kind), "\(line)")
        },
        ConformanceCheck("C45", "a reader that never acknowledges rests at its credit; beats go on") {
            target in
            let wire = try Wire(target, name: "conform_rest", heartbeat: 100)
            let after = wire.greeting.number("first")! - 1
            try expect(try wire.ask("sub", "\"after\":\(after),\"credit\":4").kind == "ok", "sub was refused")
            let lines = try wire.lines(for: 1_000)
            let records = lines.filter { ["r", "e", "gap"].contains($0.kind) }
            guard records.count >= 4 else { throw Skipped(reason: "the log holds fewer than 4 records") }
            try expect(records.count == 4, "\(records.count) records with a credit of 4")
            try expect(lines.count { $0.kind == "hb" } >= 5, "the heartbeat stopped")
            try wire.ask("ack", "\"seq\":\(records[1].number("seq")!)")
            let more = try wire.lines(for: 500).filter { ["r", "e", "gap"].contains($0.kind) }
            try expect(more.count <= 2, "\(more.count) records for two acknowledged")
        },
        ConformanceCheck("C48", "heartbeats keep their period") { target in
            for (period, seconds) in target.isLong ? [(100, 30), (1_000, 60), (10_000, 60)] : [(100, 3)] {
                let wire = try Wire(target, name: nil, heartbeat: period)
                try wire.ask("sub", "\"after\":-2,\"kinds\":2")
                var times: [Int] = []
                let until = MonotonicClock.now + seconds * 1_000_000_000
                while MonotonicClock.now < until {
                    if try wire.line(within: 2 * period + 1_000).kind == "hb" {
                        times.append(MonotonicClock.now)
                    }
                }
                let gaps = zip(times, times.dropFirst()).map { Double($1 - $0) / 1e6 }
                try expect(gaps.count >= 3, "\(gaps.count + 1) beats in \(seconds) s")
                let mean = gaps.reduce(0, +) / Double(gaps.count)
                try expect(
                    abs(mean / Double(period) - 1) <= 0.02, "mean \(decimals(mean, 1)) ms of \(period)")
                try expect(
                    gaps.max()! <= 1.5 * Double(period), "one came after \(decimals(gaps.max()!, 0)) ms")
            }
        },
        ConformanceCheck("C50", "a watched client that falls silent raises event 1501") { target in
            let reader = try Wire(target, name: nil)
            let wire = try Wire(target, name: "conform_watch")
            let last = try reader.ask("state").number("last") ?? 0
            try expect(try wire.ask("watch", "\"ms\":500").kind == "ok", "watch was refused")
            let start = MonotonicClock.now
            var cursor = last
            while MonotonicClock.now - start < 2_000_000_000 {
                let (records, end) = try reader.exchange(
                    "poll", "\"after\":\(cursor),\"wait\":500,\"kinds\":2,\"max\":16")
                if records.contains(where: { $0.number("code") == 1_501 }) {
                    let milliseconds = (MonotonicClock.now - start) / 1_000_000
                    try expect((480...900).contains(milliseconds), "after \(milliseconds) ms")
                    return
                }
                cursor = end.number("next") ?? cursor
            }
            throw Violation("no event 1501 within 2 s")
        },
        ConformanceCheck("C51", "fast mode: first with bit 5, then c; without fast only durable") { target in
            let durable = try Wire(target, name: nil), fast = try Wire(target, name: nil)
            try expect(try durable.ask("sub", "\"after\":-2").kind == "ok", "sub was refused")
            try expect(try fast.ask("sub", "\"after\":-2,\"fast\":1").kind == "ok", "sub was refused")
            let accepted = try Wire(target, name: nil).ask("trigger", "\"cam\":\(target.camera),\"pn\":4711")
            guard accepted.kind == "ok", let job = accepted.number("job") else {
                throw Skipped(reason: "the trigger was refused: \(accepted)")
            }
            func result(on wire: Wire) throws -> WireLine {
                while true {
                    let line = try wire.line(within: 5_000)
                    if line.kind == "r", line.number("job") == job { return line }
                }
            }
            let kept = try result(on: durable), shown = try result(on: fast)
            try expect(kept.number("fl").map { $0 & 32 } == 0, "bit 5 for who did not ask: \(kept)")
            for key in ["seq", "v", "rs", "sc", "pn"] {
                try expect(kept.number(key) == shown.number(key), "'\(key)' differs: \(kept) and \(shown)")
            }
            guard shown.number("fl").map({ $0 & 32 }) == 32 else {
                throw Skipped(reason: "records come after their commit: [plc] publish is \"durable\"")
            }
            while true {
                let line = try fast.line(within: 5_000)
                if line.kind == "c", line.number("seq")! >= shown.number("seq")! { return }
            }
        },
    ]
}
