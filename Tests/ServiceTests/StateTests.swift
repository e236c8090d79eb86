import Foundation
import Sockets
import Testing

/// C54: the state model of LWP/1, section 8, with the real daemon.
@Suite("states", .serialized)
struct StateTests {
    private let all = [JSONMember("cam", .integer(0))]

    @Test(
        "a free camera is armed at the start; disarm, arm, halt and resume lead where they should, and no further"
    )
    func free() throws {
        let service = try ServiceProcess(LinePlan(), from: Taught.state())
        try service.start()
        try service.reach(state: 5)
        let client = try service.client()
        #expect(try client.trigger(part: 1).number("num") == 14, "a free camera is not triggered by command")
        #expect(try client.order("disarm", all) == 0)
        try service.reach(state: 3)
        let before = try service.last()
        Thread.sleep(forTimeInterval: 0.3)
        #expect(
            try !client.records(after: before).contains { $0.kind == "r" },
            "not armed: frames are no triggers")
        #expect(try client.order("arm", all) == 0)
        #expect(try client.ask("state").number("st") == 5)
        #expect(try client.order("arm", [JSONMember("cam", .integer(9))]) == 15)
        #expect(try client.order("reset") == 0)
        #expect(try client.ask("state").number("st") == 5)
        #expect(try client.order("recipe", [JSONMember("rcp", .integer(7))]) == 22)
        #expect(try client.order("resume") == 14, "nothing is halted")

        #expect(try client.order("halt") == 0)
        let halted = try client.ask("state")
        #expect(
            halted.number("st") == 1 && halted.number("rdy") == 0 && halted.number("cok") == 0,
            "\(halted.text)")
        #expect(try client.trigger(part: 2).number("num") == 12)
        #expect(try client.order("arm", all) == 14)
        #expect(try client.order("disarm", all) == 14)
        #expect(try client.order("halt") == 14)
        #expect(try client.order("recipe", [JSONMember("rcp", .integer(1))]) == 14)
        #expect(try client.ask("stats").kind == "stats")
        let during = try service.last()
        #expect(try client.order("resume") == 0)
        try service.reach(state: 5)
        try service.results(1, after: during) { $0.number("v") == 1 }
    }

    @Test("with arm = false a camera waits in state 3 for arm, after the start and after resume")
    func unarmed() throws {
        let service = try ServiceProcess(LinePlan(isArmed: false), from: Taught.state())
        try service.start()
        try service.reach(state: 3)
        let client = try service.client()
        #expect(try client.ask("state").number("armed") == 0)
        #expect(try client.order("arm", all) == 0)
        let armed = try client.ask("state")
        #expect(armed.number("st") == 5 && armed.number("armed") == 1)
        #expect(try client.order("halt") == 0)
        #expect(try client.order("resume") == 0)
        try service.reach(state: 3)
    }

    @Test("with software triggers the state is 3, and 4 from an accepted trigger to its result")
    func software() throws {
        let plan = LinePlan(
            framesPerSecond: 0.05, trigger: "software", deadline: 1_000, frameTimeout: 60_000)
        let service = try ServiceProcess(plan, from: Taught.state())
        try service.start()
        try service.reach(state: 3)
        let client = try service.client()
        for part in 1...2 as ClosedRange<Int64> { #expect(try client.trigger(part: part).kind == "ok") }
        let pending = try client.ask("state")
        #expect(pending.number("st") == 4 && (pending.number("q") ?? 0) >= 1, "\(pending.text)")
        try service.reach(state: 3)
        #expect(try client.ask("state").number("q") == 0)
    }

    @Test("with several recipes the daemon waits for a choice, which it then keeps over a restart")
    func recipes() throws {
        let tables = """
            [[inspect]]
            name = "other"
            camera = 1
            deadline_ms = 5000
            [[recipe]]
            id = 1
            inspect = ["casting"]
            [[recipe]]
            id = 2
            inspect = ["casting", "other"]
            """
        let service = try ServiceProcess(LinePlan(tables: tables), from: Taught.state())
        try service.start()
        try service.reach(state: 6)
        let client = try service.client()
        #expect(try client.trigger(part: 1).number("num") == 12)
        #expect(try client.order("arm", all) == 14)
        #expect(try client.ask("state").number("rdy") == 0)
        #expect(try client.order("halt") == 0)
        #expect(try client.order("resume") == 0)
        #expect(try client.ask("state").number("st") == 6)
        let before = try service.last()
        #expect(try client.order("recipe", [JSONMember("rcp", .integer(2))]) == 0)
        try service.reach(state: 5)
        try service.event(1401, after: before)
        // One of its two inspections is untaught: nothing is OK.
        let results = try service.results(5, after: before)
        #expect(
            results.allSatisfy { $0.number("v") != 1 && $0.number("recipe") == 2 }, "\(results.map(\.text))")
        #expect(service.stop() == 0)
        try service.start()
        try service.reach(state: 5)
        #expect(try service.client().ask("state").number("rcp") == 2)
    }

    @Test("disarm answers only when the last part that came before it has its committed result")
    func disarmed() throws {
        let plan = LinePlan(framesPerSecond: 100, deadline: 10_000)
        let service = try ServiceProcess(plan, from: Taught.state())
        try service.start()
        try service.reach(state: 5)
        let client = try service.client()
        for _ in 0..<5 {
            let before = try service.last()
            #expect(try client.order("arm", all) == 0)
            try service.results(5, after: before)
            #expect(try client.order("disarm", all) == 0)
            // Asked at once: everything that was counted is in the log, and nothing follows.
            let stats = try client.ask("stats")
            let last = try service.last()
            let done = ["ok", "ng", "un", "iv"].reduce(0) { $0 + (stats.number($1) ?? 0) }
            #expect(stats.number("tr") == done, "\(stats.text)")
            Thread.sleep(forTimeInterval: 0.1)
            #expect(try !client.records(after: last).contains { $0.kind == "r" })
        }
    }
}
