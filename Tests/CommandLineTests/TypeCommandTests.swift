import ArgumentParser
import Foundation
import Testing
import linewatch

@Suite("linewatch type")
struct TypeCommandTests {
    private static let list = """
        {"t":"ok","id":ID,"types":[{"type":3,"name":"Riß \\u001b[31m","inspect":"weld","count":11,\
        "first_ms":1795230621000,"last_ms":1795233122000,"hour":4,"day":11,"kept":11}],"more":2,"unassigned":1,\
        "unassigned_day":1,"proposal":7}
        """
    private static let show = """
        {"t":"ok","id":ID,"type":3,"name":"scratch","inspect":"weld","count":11,"first_ms":1795230621000,\
        "last_ms":1795233122000,"threshold":0.7,"parents":[1,2],"exemplars":[{"seq":58,"ts":1795230621000,"sim":0.93,\
        "x":1,"y":2,"w":3,"h":4}],"neighbours":[{"type":1,"name":"dent","sim":0.64}],"hours":[0,4,8],"days":[0,11]}
        """

    private func run(_ answers: [String: [String]], _ body: (PretendDaemon) throws -> Void) throws {
        let daemon = try PretendDaemon(settings: "[station]\nid = \"T\"", answers: answers)
        defer { daemon.end() }
        try body(daemon)
    }

    @Test("list says what kinds there are, since when, and what waits; no name reaches the terminal raw")
    func list() throws {
        try run(["type.list": [Self.list]]) { daemon in
            let result = try daemon.linewatch("type", "list", "--socket", daemon.socket)
            #expect(result.code == 0, "\(result.error)")
            #expect(result.output.contains("Riß") && !result.output.contains("\u{1B}"))
            #expect(result.output.contains("weld") && result.output.contains("and 2 more"))
            #expect(result.output.contains("1 defect is of no kind yet."))
            #expect(result.output.contains("'linewatch type apply 7'"))
            let json = try daemon.linewatch("type", "list", "--socket", daemon.socket, "--json")
            #expect(json.output.contains("\"schema\" : \"linewatch.type.list/1\""))
        }
    }

    @Test("show draws counts as bars, and its page stands alone where no picture is kept")
    func show() throws {
        let none = "{\"t\":\"err\",\"id\":ID,\"num\":19,\"code\":\"not_found\",\"retry\":0,\"a\":0,\"b\":0}"
        let answers = ["type.show": [Self.show], "get": [none], "image.get": [none]]
        try run(answers) { daemon in
            let page = daemon.folder.appending(path: "kinds.html")
            let result = try daemon.linewatch(
                "type", "show", "3", "--socket", daemon.socket, "--html", page.path)
            #expect(result.code == 0, "\(result.error)")
            #expect(result.output.contains("type 3 'scratch' of weld: 11 defects"))
            #expect(result.output.contains("up to 8 an hour") && result.output.contains("58 (0.93)"))
            #expect(result.output.contains("type 1 'dent' (0.64)"))
            let text = try String(contentsOf: page, encoding: .utf8)
            #expect(text.contains("<h2>3 scratch: 11 defects</h2>") && text.contains("no picture is kept"))
            #expect(!text.contains("http"))
        }
    }

    @Test("what the daemon refuses is one line with its code")
    func refused() throws {
        let line = """
            {"t":"err","id":ID,"num":4,"code":"bad_arg","retry":0,"a":0,"b":0,"msg":"Type 3 cannot be merged with itself. Name two types."}
            """
        try run(["type.merge": [line]]) { daemon in
            let result = try daemon.linewatch("type", "merge", "3", "3", "--socket", daemon.socket)
            #expect(result.code == 1 && result.error.split(separator: "\n").count == 1)
            #expect(result.error.contains("cannot be merged with itself"))
        }
    }

    @Test(
        "wrong usage is told before a daemon is asked",
        arguments: [
            "merge 3", "forget 3", "show", "name 0x1 a", "name 70000 a", "split", "apply x", "apply -1",
        ])
    func usage(_ line: String) {
        #expect(throws: (any Error).self) {
            var command = try Linewatch.parseAsRoot(["type"] + line.split(separator: " ").map(String.init))
            try command.run()
        }
    }

    @Test("times of today are times, older ones have their day, and old ones their year")
    func moments() {
        let now: Int64 = 1_795_233_122_000  // 21 Nov 2026 03:52:02 UTC
        #expect(moment(now - 60_000, now: now, secondsFromUTC: 0) == "03:51:02")
        #expect(moment(now - 86_400_000, now: now, secondsFromUTC: 0) == "20 Nov 03:52")
        #expect(moment(now, now: now, secondsFromUTC: 3_600) == "04:52:02")
        #expect(moment(0, now: now, secondsFromUTC: 0) == "1 Jan 1970")
        #expect(moment(951_782_400_000, now: now, secondsFromUTC: 0) == "29 Feb 2000")
    }

    @Test("bars have a step for every eighth, and say their scale")
    func bars() {
        #expect(TypePortrait.bars([0, 1, 4, 8], hasBlocks: false, unit: "a day") == "| :+@|  up to 8 a day")
        #expect(TypePortrait.bars([0, 0], hasBlocks: true, unit: "an hour") == "|··|  up to 0 an hour")
    }
}
