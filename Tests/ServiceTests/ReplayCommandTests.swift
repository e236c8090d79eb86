import Foundation
import Sockets
import Testing

/// `linewatch replay`: a recording judged by a daemon of its own, with what the station was taught.
@Suite("replay command")
struct ReplayCommandTests {
    /// A station that is not running, and a place for a golden file.
    private func station() throws -> (service: ServiceProcess, command: String, golden: URL) {
        let recording = try Taught.recording()
        let service = try ServiceProcess(LinePlan(), from: Taught.state())
        let command =
            "replay \(recording.path) --config \(service.settings.path) --folder \(service.folder.path)"
        return (service, command, service.folder.appending(path: "golden.jsonl"))
    }

    private func lines(_ file: URL) throws -> [String] {
        try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    @Test("what replay records is what the station's daemon says of the same frames, and is found again")
    func golden() throws {
        let (service, command, golden) = try station()
        let recorded = try service.command("\(command) --record \(golden.path)")
        try #require(recorded.status == 0, "\(recorded.errors)")
        #expect(recorded.output.hasPrefix("16 results: "))
        let expected = try service.command("\(command) --expect \(golden.path)")
        #expect(expected.status == 0 && expected.output.contains("all as in"), "\(expected.errors)")

        // Kinds of defects depend on those that came before, so a replay does not tell them apart.
        var plan = LinePlan(recording: try Taught.recording(), deadline: 60_000)
        plan.inspection = "cluster = false"
        try service.write(plan)
        try service.start()
        var results: [ServerLine] = []
        let client = try service.client()
        try eventually("the station has judged all frames") { try client.ask("stats").number("tr") == 16 }
        // Its log has older results, from before it was taught.
        try eventually("all of them are committed") {
            let records = try client.records(after: 0)
            let start = records.lastIndex { $0.number("code") == 1_001 } ?? 0
            results = records[start...].filter { $0.kind == "r" }
            return results.count == 16
        }
        let golds = try lines(golden).map { ServerLine($0) }
        for (index, pair) in zip(golds, results).enumerated() {
            #expect(pair.0.number("frame") == Int64(index + 1))
            for key in ["v", "rs", "sc", "x", "y", "w", "h"] {
                #expect(pair.0.number(key) == pair.1.number(key), "\(key) of frame \(index + 1)")
            }
        }
        #expect(golds.count == results.count)
        let left = try FileManager.default.contentsOfDirectory(atPath: service.folder.path)
        #expect(!left.contains { $0.hasPrefix("linewatch-replay-") }, "\(left)")
    }

    @Test("a result that differs ends with code 5 and names the result and the key")
    func differences() throws {
        let (service, command, golden) = try station()
        try #require(try service.command("\(command) --record \(golden.path)").status == 0)
        var changed = try lines(golden)
        changed[2] = changed[2].replacing(/"sc":\d+/, with: "\"sc\":7")
        try Data((changed.joined(separator: "\n") + "\n").utf8).write(to: golden)
        let other = try service.command("\(command) --expect \(golden.path)")
        #expect(other.status == 5 && other.errors.contains("result 3: sc "), "\(other.errors)")
        #expect(other.errors.contains(", not 7"))

        // Another threshold of the station is another station.
        try #require(try service.command("\(command) --record \(golden.path)").status == 0)
        try Data("raw 1.5".utf8).write(to: service.state.appending(path: "inspections/casting/threshold"))
        let lax = try service.command("\(command) --expect \(golden.path) --json")
        #expect(lax.status == 5 && lax.errors.contains("thr_raw 1.5, not "), "\(lax.errors)")
        let verdicts = lax.output.split(separator: "\n").map { ServerLine(String($0)).number("v") }
        #expect(verdicts == Array(repeating: 1, count: 16))
    }

    @Test("what cannot be replayed is said in one line that says what to do")
    func mistakes() throws {
        let (service, command, golden) = try station()
        let cases = [
            ("\(command) --expect \(golden.path)", "--record"),
            ("replay /nowhere --config \(service.settings.path)", "/nowhere"),
            ("\(command) --camera 9", "camera 1 'top'"),
            ("\(command) --expect a --record b", "not both"),
        ]
        for (line, words) in cases {
            let run = try service.command(line)
            #expect(run.status != 0 && run.errors.contains(words), "\(line): \(run.errors)")
        }
        try Data("no result\n".utf8).write(to: golden)
        let run = try service.command("\(command) --expect \(golden.path)")
        #expect(run.status == 1 && run.errors.contains("line 1"), "\(run.errors)")
    }
}
