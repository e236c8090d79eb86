internal import Platform

extension ConformanceCheck {
    /// C1 to C7: how a conversation begins, and what is no conversation.
    static let greeting: [ConformanceCheck] = [
        ConformanceCheck("C1", "the greeting comes first, complete and plain") { target in
            let greeting = try Wire(target).greeting
            let keys = [
                "t", "proto", "minor", "srv", "station", "log", "run", "first", "last", "hb", "max", "cfg",
                "st",
            ]
            try expect(greeting.kind == "hello", "the first line is \(greeting)")
            try expect(greeting.isPlain, "the greeting is not plain: \(greeting)")
            try expect(greeting.keys == keys, "keys are \(greeting.keys)")
            try expect(greeting.number("max") == 240, "max is not 240")
        },
        ConformanceCheck("C2", "without hello: bye 1 after 5 s, then closed") { target in
            let wire = try Wire(target)
            let start = MonotonicClock.now
            let bye = try wire.line(within: 6_000)
            let seconds = Double(MonotonicClock.now - start) / 1e9
            try expect(bye.kind == "bye" && bye.number("why") == 1, "instead of bye 1: \(bye)")
            try expect(abs(seconds - 5) <= 0.5, "after \(decimals(seconds, 2)) s")
            try wire.expectEnd(within: 1_000)
        },
        ConformanceCheck("C3", "before hello only ping is answered") { target in
            let wire = try Wire(target)
            try expect(try wire.ask("ping").kind == "ok", "ping was refused")
            for op in ["poll", "sub", "unsub", "state", "stats", "recipe", "arm", "disarm", "reset"] {
                let answer = try wire.ask(op)
                try expect(answer.number("num") == 7, "\(op): \(answer)")
            }
        },
        ConformanceCheck("C4", "another major version: err 6 with the range, then closed") { target in
            let wire = try Wire(target)
            let answer = try wire.ask("hello", #""name":"conform","proto":2,"profile":"plc""#)
            try expect(answer.number("num") == 6, "\(answer)")
            try expect(answer.number("a") == 1 && answer.number("b") == 1, "range: \(answer)")
            try wire.expectEnd(within: 2_000)
        },
        ConformanceCheck("C5", "a request of 1024 bytes is taken, one of 1025 ends the connection") {
            target in
            let wire = try Wire(target, name: nil)
            func ping(bytes: Int) -> String {
                // Blanks inside an object are allowed in a request: the length is free.
                let text = "{\"op\":\"ping\",\"id\":9"
                return text + String(repeating: " ", count: bytes - text.count - 2) + "}\n"
            }
            try expect(try wire.answer(to: ping(bytes: 1_024)).kind == "ok", "1024 bytes were refused")
            let answer = try wire.answer(to: ping(bytes: 1_025))
            try expect(answer.number("num") == 2, "\(answer)")
            try wire.expectEnd(within: 2_000)
        },
        ConformanceCheck("C6", "framing: CRLF, empty lines, several in a write, one in many") { target in
            let wire = try Wire(target, name: nil)
            let ping = "{\"op\":\"ping\",\"id\":7}"
            for text in ["\(ping)\r\n", "\n\r\n\n\(ping)\n"] {
                let answer = try wire.answer(to: text)
                try expect(answer.kind == "ok" && answer.number("id") == 7, "\(answer)")
            }
            try wire.send("\(ping)\n{\"op\":\"ping\",\"id\":8}\n")
            try expect(try wire.line().number("id") == 7, "the first of two")
            try expect(try wire.line().number("id") == 8, "the second of two")
            for byte in ping { try wire.send(String(byte)) }
            try expect(try wire.answer(to: "\n").number("id") == 7, "byte by byte")
        },
        ConformanceCheck("C7", "what is no flat object is err 1; the tenth in a row closes") { target in
            let bad = [
                #"{"op":"ping","op":"ping","id":1}"#, #"["op","ping"]"#,
                #"{"op":"ping","id":1,"x":"\u0000"}"#,
                #"{"op":"ping","id":1,"x":"\ud800"}"#, #"{"op":"ping","id":1e9999}"#,
                #"{"op":"ping","id":1,"x":{"y":{"z":1}}}"#, #"{"op":"ping""#, "nonsense", "{}x",
            ]
            let wire = try Wire(target, name: nil)
            for text in bad {
                let answer = try wire.answer(to: text + "\n")
                try expect(answer.number("num") == 1, "\(text): \(answer)")
            }
            try expect(try wire.ask("ping").kind == "ok", "the connection must still be open")
            for count in 1...10 {
                let answer = try wire.answer(to: "nonsense\n")
                try expect(answer.number("num") == 1, "\(count): \(answer)")
            }
            try wire.expectEnd(within: 2_000)
        },
    ]
}
