internal import Platform

extension ConformanceCheck {
    /// C8 to C18: requests, their arguments and the limits on them.
    static let requests: [ConformanceCheck] = [
        ConformanceCheck("C8", "unknown operations and keys, wrong types, each range one beyond") { target in
            let wire = try Wire(target, name: nil)
            try expect(try wire.ask("launch").number("num") == 3, "an unknown operation must be err 3")
            let bad = [
                ("ping", #""extra":1"#), ("poll", #""after":"x""#), ("poll", #""after":-2"#),
                ("poll", #""max":0"#), ("poll", #""max":257"#), ("poll", #""wait":5001"#),
                ("poll", #""wait":-1"#), ("poll", #""kinds":4"#),
                ("poll", #""strict":2"#), ("sub", #""credit":0"#), ("sub", #""credit":1025"#),
                ("sub", #""after":-3"#), ("sub", #""fast":2"#), ("trigger", #""cam":0"#),
                ("trigger", #""cam":33"#), ("trigger", #""deadline":4"#), ("trigger", #""deadline":60001"#),
                ("trigger", #""pn":4294967296"#),
                ("trigger", #""part":"\#(String(repeating: "x", count: 49))""#),
            ]
            for (op, arguments) in bad {
                let answer = try wire.ask(op, arguments)
                try expect(answer.number("num") == 4, "\(op) \(arguments): \(answer)")
            }
            for good in [#""max":256,"wait":0"#, #""max":1,"kinds":3,"strict":0"#] {
                let (_, answer) = try wire.exchange(
                    "poll", good + ",\"after\":\(wire.greeting.number("last")!)")
                try expect(answer.kind == "end", "poll \(good): \(answer)")
            }
        },
        ConformanceCheck("C9", "the id comes back; 0 where it could not be read") { target in
            let wire = try Wire(target, name: nil)
            for id in [1, 2_147_483_647] {
                let answer = try wire.answer(to: "{\"op\":\"ping\",\"id\":\(id)}\n")
                try expect(answer.number("id") == id, "\(answer)")
            }
            for text in [
                #"{"op":"ping"}"#, #"{"op":"ping","id":0}"#, #"{"op":"ping","id":2147483648}"#, "junk",
            ] {
                let answer = try wire.answer(to: text + "\n")
                try expect(answer.kind == "err" && answer.number("id") == 0, "\(text): \(answer)")
            }
        },
        ConformanceCheck("C11", "every line in profile plc is plain and within 240 bytes") { target in
            let wire = try Wire(target, name: nil, heartbeat: 100)
            let first = wire.greeting.number("first")! - 1
            var lines = [wire.greeting, try wire.ask("state"), try wire.ask("stats"), try wire.ask("launch")]
            let (records, end) = try wire.exchange("poll", "\"after\":\(first),\"max\":256")
            lines += records + [end]
            try wire.ask("sub", "\"after\":-2")
            lines += try wire.lines(for: 350)
            for line in lines { try expect(line.isPlain, "\(line)") }
            try expect(lines.contains { $0.kind == "hb" }, "no heartbeat came")
        },
        ConformanceCheck("C13", "one client too many gets err 9") { target in
            var wires: [Wire] = []
            var refused: WireLine?
            for _ in 0..<17 where refused == nil {
                do { wires.append(try Wire(target)) } catch let error as Wire.Refused { refused = error.line }
            }
            try expect(
                refused?.number("num") == 9, "a 17th client got \(refused.map { $0.text } ?? "a place")")
            try expect(try wires[0].ask("ping").kind == "ok", "the others must be served")
        },
        ConformanceCheck("C14", "1000 requests in a second: 200 and a burst are answered, the rest err 27") {
            target in
            let wire = try Wire(target, name: nil)
            let other = try Wire(target, name: nil)
            let requests = (1...1_000).map { "{\"op\":\"ping\",\"id\":\($0)}\n" }
            let start = MonotonicClock.now
            var (served, limited) = (0, 0)
            for chunk in stride(from: 0, to: 1_000, by: 50) {
                try wire.send(requests[chunk..<chunk + 50].joined())
                for _ in 0..<50 {
                    let answer = try wire.line()
                    if answer.kind == "ok" {
                        served += 1
                    } else {
                        try expect(answer.number("num") == 27, "\(answer)")
                        try expect((answer.number("retry") ?? 0) > 0, "no retry: \(answer)")
                        limited += 1
                    }
                }
                // Spread over a second, however fast the answers come.
                let due = start + (chunk + 50) * 1_000_000
                while MonotonicClock.now < due { _ = try wire.lines(for: 5) }
            }
            try expect(served >= 200 && served <= 400, "\(served) were answered, \(limited) limited")
            let begin = MonotonicClock.now
            try other.ask("ping")
            try expect(MonotonicClock.now - begin < 100_000_000, "another client had to wait")
        },
        ConformanceCheck("C18", "a second connection of the same name replaces the first") { target in
            let first = try Wire(target, name: "conform_twice")
            let second = try Wire(target, name: "conform_twice")
            let bye = try first.line(within: 2_000)
            try expect(bye.kind == "bye" && bye.number("why") == 5, "the first got \(bye)")
            try first.expectEnd(within: 2_000)
            try expect(try second.ask("ping").kind == "ok", "the second must be served")
        },
    ]
}
