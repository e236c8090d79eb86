import Events
import Foundation
import Sockets
import Testing

/// The real daemon with a clock that jumps and threads that stand still.
@Suite("clock and threads", .serialized, .enabled(if: Faults.isPossible, "needs clang and LD_PRELOAD"))
struct FaultTests {
    @Test(
        "C49: a clock that goes an hour back and forth is an event each, and moves, delays and expires nothing"
    )
    func clock() throws {
        let faults = try Faults()
        let service = try ServiceProcess(LinePlan(framesPerSecond: 20), from: Taught.state())
        try service.start(environment: faults.environment)
        try service.reach(state: 5)
        let first = try #require(try service.client().greeting.number("first"))
        let start = try service.last()
        var before = start
        try service.results(10, after: before)
        for (ahead, step) in [(-3_600_000, -3_600_000), (0, 3_600_000)] as [(Int64, Int64)] {
            before = try service.last()
            try faults.setClock(ahead: ahead)
            let event = try service.event(1006, after: before)
            #expect(abs((event.number("a") ?? 0) - step) < 2_000, "\(event.text)")
            try service.results(10, after: try service.last())
        }
        let records = try service.client().records(after: start)
        #expect(holes(in: records, after: start).isEmpty)
        #expect(records.count(where: { $0.number("code") == 1006 }) == 2)
        #expect(!records.contains { $0.number("v") == 4 }, "no deadline was missed")
        let results = records.filter { $0.kind == "r" }
        let frames = results.compactMap { $0.number("v4l2_seq") }
        #expect(frames == frames.sorted() && Set(frames).count == frames.count)
        #expect(try service.client().greeting.number("first") == first, "nothing has expired")
        let back = results.filter { ($0.number("ts") ?? 0) < (results[0].number("ts") ?? 0) - 1_800_000 }
        #expect(back.count >= 10, "the time of the day is the clock's")
    }

    @Test(
        "C46: the beat stops while capture, inference or store stands still, and goes on when it does",
        arguments: ["capture 1", "inspect 0", "publisher"])
    func blocked(thread: String) throws {
        let faults = try Faults()
        var plan = LinePlan(framesPerSecond: 20)
        plan.tables = "[plc]\nheartbeat_ms = 200"
        let service = try ServiceProcess(plan, from: Taught.state())
        try service.start(environment: faults.environment)
        try service.reach(state: 5)
        let client = try LineClient(path: service.plc, patience: 10_000)
        _ = try client.hello(name: "beats", profile: .plc, isAnonymous: true)
        _ = try client.ask("sub", [JSONMember("after", .integer(-2))])
        func nextBeat(within milliseconds: Int) -> Bool {
            let end = Date(timeIntervalSinceNow: Double(milliseconds) / 1_000)
            while Date() < end {
                let left = max(1, Int(end.timeIntervalSinceNow * 1_000))
                guard let line = try? client.nextLine(within: left) else { return false }
                if line.kind == "hb" { return true }
            }
            return false
        }
        #expect(nextBeat(within: 10_000))
        try faults.hold(thread)
        try eventually("no beat for ten periods") { !nextBeat(within: 2_000) }
        try faults.hold(nil)
        #expect(nextBeat(within: 20_000), "\(thread) goes on")
        #expect(service.stop() == 0)
    }
}
