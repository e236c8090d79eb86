import Foundation
import Sockets
import Testing

/// The real daemon with more to do than it can.
@Suite("overload and deadlines", .serialized)
struct LoadTests {
    private let all = [JSONMember("cam", .integer(0))]

    @Test(
        "C41: with far more frames than can be judged each has one result, and the episode has one begin and end"
    )
    func overload() throws {
        let plan = LinePlan(framesPerSecond: 60, isArmed: false, deadline: 3_000)
        let service = try ServiceProcess(plan, from: Taught.state())
        try service.start(instructions: "scalar")
        try service.reach(state: 3)
        let before = try service.last()
        let client = try service.client()
        #expect(try client.order("arm", all) == 0)
        try service.results(3, after: before) { $0.number("v") != 4 }
        try service.results(60, after: before) { $0.number("rs") == 3 }
        #expect(try client.order("disarm", all) == 0)
        try service.event(1302, after: before)
        let records = try client.records(after: before)
        let results = records.filter { $0.kind == "r" }
        let stats = try client.ask("stats")
        #expect(Int64(results.count) == stats.number("tr"))
        #expect(["ok", "ng", "un", "iv"].reduce(0) { $0 + (stats.number($1) ?? 0) } == stats.number("tr"))
        let jobs = results.compactMap { $0.number("job") }
        #expect(Set(jobs).count == jobs.count, "no job has two results")
        for code in [1301, 1302] as [Int64] {
            #expect(records.count(where: { $0.number("code") == code }) == 1, "event \(code)")
        }
        let refused = results.count(where: { $0.number("rs") == 3 })
        #expect(records.first { $0.number("code") == 1302 }?.number("a") == Int64(refused))
        for result in results where result.number("v") != 4 {
            #expect((result.number("us") ?? .max) <= 3_000_000, "no later than its deadline: \(result.text)")
        }
        #expect(try client.ask("state").number("al").map { $0 >> 5 & 1 } == 0)
    }

    @Test(
        "C39: a verdict that is late is INVALID 2 with flag 3, and its score is kept beside it for get alone")
    func forced() throws {
        let plan = LinePlan(framesPerSecond: 1, deadline: 5)
        let service = try ServiceProcess(plan, from: Taught.state())
        try service.start(instructions: "scalar")
        let before = try service.last()
        let results = try service.results(3, after: before)
        for result in results {
            #expect(
                result.number("v") == 4 && result.number("rs") == 2 && result.hasFlag(3), "\(result.text)")
            #expect(result.number("sc") == 0 && result["late"] == nil, "\(result.text)")
            #expect((result.number("us") ?? 0) >= 5_000, "not before its deadline")
        }
        let client = try service.client()
        #expect((try client.ask("stats").number("dl") ?? 0) >= 3)
        // A frame that waited until its verdict was forced is not looked at: on a busy machine it may be a later one.
        try eventually("a late score is kept") {
            try client.records(after: before).filter { $0.kind == "r" }.suffix(8).contains { result in
                var kept = false
                _ = try client.ask("get", [JSONMember("seq", .integer(result.number("seq") ?? 0))]) { line in
                    kept = line.number("v") == 4 && (line["late"]?["us"]?.integer ?? 0) > 5_000
                }
                return kept
            }
        }
    }
}
