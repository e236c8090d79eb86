import Foundation
import Sockets
import Testing

/// What the real daemon keeps over its own end.
@Suite("restarts", .serialized)
struct RestartTests {
    @Test(
        "C25, C26: what was taught, the log and the run survive a stop and a kill -9, and no number is lost")
    func survives() throws {
        let service = try ServiceProcess(LinePlan(framesPerSecond: 50), from: Taught.state())
        try service.start()
        let first = try service.client().greeting
        var seen = try service.results(5, after: first.number("last") ?? 0) { $0.number("v") == 1 }
        let model = seen.last?["model"]

        #expect(service.stop() == 0)
        try service.start()
        let second = try service.client().greeting
        #expect(second["log"] == first["log"])
        #expect(second.number("run") == (first.number("run") ?? 0) + 1)
        seen += try service.results(5, after: seen.last?.number("seq") ?? 0) { $0.number("v") == 1 }
        var records = try service.client().records()
        #expect(holes(in: records, after: 0).isEmpty)
        #expect(!records.contains { $0.kind == "gap" }, "a clean stop leaves no gap")

        service.kill()
        try service.start()
        let third = try service.client().greeting
        #expect(third["log"] == first["log"])
        #expect(third.number("run") == (first.number("run") ?? 0) + 2)
        let again = try service.results(5, after: records.last?.number("seq") ?? 0) {
            $0.number("v") == 1 && $0["model"] == model
        }
        #expect(!again.isEmpty)
        records = try service.client().records()
        #expect(holes(in: records, after: 0).isEmpty)
        let gaps = records.filter { $0.kind == "gap" }
        #expect(gaps.map { $0.number("why") } == [3])
        let held = Dictionary(uniqueKeysWithValues: records.map { ($0.number("seq") ?? 0, $0.content) })
        for line in seen { #expect(held[line.number("seq") ?? 0] == line.content) }
        #expect(try service.command("metrics").output.contains("linewatch_unclean_stops_total 1\n"))
    }

    @Test(
        "a stop at full speed ends in order within 5 seconds, and every part that was counted has its result")
    func stopLosesNothing() throws {
        let service = try ServiceProcess(
            LinePlan(framesPerSecond: 100, deadline: 60_000), from: Taught.state())
        try service.start()
        let before = try service.last()
        try service.results(30, after: before)
        let start = Date()
        #expect(service.stop() == 0)
        #expect(Date().timeIntervalSince(start) < 5, "the bar of a graceful stop")
        try service.write(LinePlan(isArmed: false))
        try service.start()
        let records = try service.client().records(after: before)
        #expect(holes(in: records, after: before).isEmpty)
        #expect(!records.contains { $0.kind == "gap" })
        #expect(records.contains { $0.number("code") == 1002 })
        let results = records.filter { $0.kind == "r" }
        let frames = results.compactMap { $0.number("v4l2_seq") }.sorted()
        #expect(frames == Array(0..<Int64(frames.count)), "each frame of the run once, and none left out")
        #expect(Set(results.map { $0.number("job") }).count == results.count)
    }

    @Test(
        "C21: kill -9 between a trigger's ok and its result closes the part as INVALID 10 before any new trigger"
    )
    func killedBetween() throws {
        // The next frame of this camera is twenty seconds away.
        let plan = LinePlan(
            framesPerSecond: 0.05, trigger: "software", deadline: 60_000, frameTimeout: 60_000)
        let service = try ServiceProcess(plan, from: Taught.state())
        try service.start()
        try service.reach(state: 3)
        let before = try service.last()
        let client = try service.client()
        var accepted: [Int64: Int64] = [:]
        for part in 1...2 as ClosedRange<Int64> {
            let answer = try client.trigger(part: part)
            accepted[try #require(answer.number("job"), "\(answer.text)")] = part
        }
        // The first frame may have been taken by one of them.
        let early = try client.records(after: before).filter { $0.kind == "r" }.compactMap {
            $0.number("job")
        }
        service.kill()
        try service.start()
        let records = try service.client().records(after: before)
        let results = records.filter { $0.kind == "r" }
        #expect(holes(in: records, after: before).isEmpty)
        #expect(Set(results.compactMap { $0.number("job") }) == Set(accepted.keys))
        #expect(results.count == accepted.count && early.count < accepted.count)
        for result in results where !early.contains(result.number("job") ?? 0) {
            #expect(result.number("v") == 4 && result.number("rs") == 10, "\(result.text)")
            #expect(result.number("pn") == accepted[result.number("job") ?? 0])
        }
    }

    @Test("a trigger that still waits for its frame at a stop ends as INVALID 9")
    func stoppedBetween() throws {
        let plan = LinePlan(
            framesPerSecond: 0.05, trigger: "software", deadline: 60_000, frameTimeout: 60_000)
        let service = try ServiceProcess(plan, from: Taught.state())
        try service.start()
        try service.reach(state: 3)
        let before = try service.last()
        let client = try service.client()
        let jobs = Set(try (1...2).map { try client.trigger(part: $0).number("job") })
        let start = Date()
        #expect(service.stop() == 0)
        #expect(Date().timeIntervalSince(start) < 5, "the bar of a graceful stop")
        try service.start()
        let results = try service.client().records(after: before).filter { $0.kind == "r" }
        #expect(Set(results.map { $0.number("job") }) == jobs && results.count == 2)
        #expect(results.contains { $0.number("v") == 4 && $0.number("rs") == 9 })
    }

    @Test("five unclean stops lead to safe mode: nothing is inspected until resume, which inspects as before")
    func safeMode() throws {
        let service = try ServiceProcess(LinePlan(), from: Taught.state())
        for _ in 0..<5 {
            try service.start()
            try service.reach(state: 5)
            service.kill()
        }
        try service.start()
        try service.reach(state: 1, cameras: 0)
        let client = try service.client()
        #expect((try client.ask("state").number("al") ?? 0) >> 13 & 1 == 1)
        try service.event(1010)
        #expect(try client.trigger(part: 1).number("num") == 12)
        let before = try service.last()
        #expect(try client.order("resume") == 0)
        try service.reach(state: 5)
        let results = try service.results(1, after: before) { $0.number("v") == 1 }
        #expect(!results.contains { $0.number("v") == 4 }, "\(results.map(\.text))")
        #expect((try client.ask("state").number("al") ?? 0) >> 13 & 1 == 0)
    }
}
