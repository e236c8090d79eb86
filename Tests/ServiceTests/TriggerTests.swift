import Foundation
import Sockets
import Testing

/// Software triggers of the real daemon.
@Suite("software triggers", .serialized)
struct TriggerTests {
    @Test("C19: each accepted trigger has one result with its part, and the counters add up at every sample")
    func mixedLoad() throws {
        let plan = LinePlan(framesPerSecond: 100, trigger: "software")
        let service = try ServiceProcess(plan, from: Taught.state())
        try service.start()
        try service.reach(state: 3)
        let before = try service.last()
        let client = try service.client()
        var accepted: [Int64: Int64] = [:]
        var refused: [Int64] = []
        var broken: [String] = []
        for part in 1...60 as ClosedRange<Int64> {
            // Every tenth for a camera that is not there.
            let answer = try client.trigger(part: part, camera: part % 10 == 0 ? 7 : 1, name: "P-\(part)")
            if answer.kind == "ok" {
                accepted[try #require(answer.number("job"))] = part
            } else {
                refused.append(answer.number("num") ?? -1)
            }
            // 200 requests a second are the protocol's limit.
            Thread.sleep(forTimeInterval: 0.015)
            let stats = try client.ask("stats")
            let done = ["ok", "ng", "un", "iv", "ms"].reduce(0) { $0 + (stats.number($1) ?? 0) }
            let pending = (stats.number("tr") ?? 0) - done
            if stats.number("tr") != part || pending < 0 || pending > Int64(plan.queue) {
                broken.append(stats.text)
            }
        }
        #expect(broken.isEmpty, "\(broken.prefix(3))")
        #expect(refused.count(where: { $0 == 15 }) == 6, "a camera that is not there")
        #expect(refused.allSatisfy { $0 == 15 || $0 == 13 }, "\(refused)")
        let results = try service.results(accepted.count, after: before)
        #expect(results.count == accepted.count)
        #expect(Set(results.compactMap { $0.number("job") }) == Set(accepted.keys))
        for result in results {
            let part = try #require(accepted[result.number("job") ?? 0])
            #expect(result.number("pn") == part && result["part"]?.text == "P-\(part)", "\(result.text)")
        }
        let stats = try client.ask("stats")
        #expect(stats.number("ms") == Int64(refused.count) && stats.number("tr") == 60)
        #expect(["ok", "ng", "un", "iv"].reduce(0) { $0 + (stats.number($1) ?? 0) } == Int64(accepted.count))
    }

    @Test("C42: with the queue full a trigger is refused as busy with a time to wait, and leaves no job")
    func busy() throws {
        let plan = LinePlan(
            framesPerSecond: 0.05, trigger: "software", queue: 1, deadline: 1_500, frameTimeout: 60_000)
        let service = try ServiceProcess(plan, from: Taught.state())
        try service.start()
        try service.reach(state: 3)
        let before = try service.last()
        let client = try service.client()
        var answers: [ServerLine] = []
        for part in 1...3 as ClosedRange<Int64> { answers.append(try client.trigger(part: part)) }
        let jobs = answers.compactMap { $0.number("job") }
        let refused = answers.filter { $0.kind == "err" }
        #expect(!jobs.isEmpty && !refused.isEmpty, "\(answers.map(\.text))")
        for answer in refused { #expect(answer.number("num") == 13 && (answer.number("retry") ?? 0) > 0) }
        #expect(try client.ask("stats").number("ms") == Int64(refused.count))
        // No frame comes for the one that was accepted.
        let results = try service.results(jobs.count, after: before)
        #expect(results.compactMap { $0.number("job") }.sorted() == jobs.sorted())
        try service.reach(state: 3)
        #expect(try client.trigger(part: 4).kind == "ok", "and there is room again")
    }

    @Test("C40: a deadline below what an inspection takes is refused with the least that is possible")
    func impossibleDeadline() throws {
        let plan = LinePlan(framesPerSecond: 20, trigger: "software", deadline: 60_000)
        let service = try ServiceProcess(plan, from: Taught.state())
        // The plainest kernels take many times 5 ms for a frame on any machine.
        try service.start(instructions: "scalar")
        try service.reach(state: 3)
        let client = try service.client()
        let answer = try client.trigger(part: 1, deadline: 5)
        #expect(answer.number("num") == 16, "\(answer.text)")
        let floor = try #require(answer.number("a"))
        #expect(floor > 5)
        #expect(try client.ask("stats").number("ms") == 1)
        #expect(try client.trigger(part: 2, deadline: floor).kind == "ok")
    }

    @Test(
        "with trigger_durable = false a trigger is accepted without its commit: it has its result, but not over a kill -9"
    )
    func undurable() throws {
        var plan = LinePlan(framesPerSecond: 20, trigger: "software")
        plan.tables = "[plc]\ntrigger_durable = false"
        let service = try ServiceProcess(plan, from: Taught.state())
        try service.start()
        try service.reach(state: 3)
        #expect(service.lines.count(where: { $0.contains("trigger_durable") }) == 1, "\(service.said)")
        let before = try service.last()
        let client = try service.client()
        let first = try #require(try client.trigger(part: 1).number("job"))
        #expect(try service.results(1, after: before).map { $0.number("job") } == [first])

        // The next frame is twenty seconds away: what is accepted now waits for it.
        plan.framesPerSecond = 0.05
        (plan.deadline, plan.frameTimeout) = (60_000, 60_000)
        #expect(service.stop() == 0)
        try service.write(plan)
        try service.start()
        try service.reach(state: 3)
        let asked = try service.client()
        // The frame that comes with the start may belong to one of them.
        let jobs = try (2...3).map { try #require(try asked.trigger(part: $0).number("job")) }
        #expect(jobs.allSatisfy { $0 > first } && Set(jobs).count == 2)
        service.kill()
        try service.start()
        try service.reach(state: 3)
        let records = try service.client().records(after: before)
        #expect(holes(in: records, after: before).isEmpty)
        #expect(!records.contains { $0.number("rs") == 10 }, "nobody had promised a result")
        let next = try #require(try service.client().trigger(part: 4).number("job"))
        #expect(next > (jobs.max() ?? 0), "a number of a trigger is never given again")
    }
}
