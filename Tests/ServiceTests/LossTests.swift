import Events
import Foundation
import Sockets
import Testing

/// Frames that the driver lost, and cameras that are away, with the real daemon.
@Suite("lost frames and cameras", .serialized)
struct LossTests {
    @Test(
        "C43: each of three lost frames is one INVALID 6; three hundred are event 1104 and state 2, until reset"
    )
    func jumps() throws {
        var plan = LinePlan(
            recording: try LossyRecording.make(lost: [0, 0, 3] + Array(repeating: 0, count: 20) + [300, 0]))
        // In real time: losses that come within one look of the supervisor are one loss.
        (plan.speed, plan.deadline) = (1, 60_000)
        let service = try ServiceProcess(plan, from: Taught.state())
        try service.start()
        try service.reach(state: 2)
        let event = try service.event(1104)
        #expect(event.number("a") == 300 && event.number("cam") == 1, "\(event.text)")
        let client = try service.client()
        try eventually("every trigger has its result") {
            let stats = try client.ask("stats")
            return ["ok", "ng", "un", "iv"].reduce(0) { $0 + (stats.number($1) ?? 0) } == stats.number("tr")
        }
        let records = try client.records()
        let results = records.filter { $0.kind == "r" }
        let lost = results.filter { $0.number("rs") == 6 }
        #expect(lost.count == 3 && lost.allSatisfy { $0.number("v") == 4 })
        #expect(lost.compactMap { $0.number("v4l2_seq") }.sorted() == [2, 3, 4])
        #expect(try client.ask("stats").number("lost") == 303)
        #expect(records.count(where: { $0.number("code") == 1104 }) == 1)
        #expect(try client.trigger(part: 1).number("num") == 12)
        #expect(try client.order("reset") == 0)
        #expect(try client.ask("state").number("st") == 5)
    }

    @Test(
        "C47: with the camera away and no triggers the beats go on, alarm 0 stands, and event 1101 came once")
    func away() throws {
        let recording = try LossyRecording.make(lost: [0, 0, 0])
        try LossyRecording.damage(recording)
        var plan = LinePlan(recording: recording)
        plan.tables = "[plc]\nheartbeat_ms = 200"
        let service = try ServiceProcess(plan, from: Taught.state())
        try service.start()
        try service.event(1101)
        let client = try LineClient(path: service.plc, patience: 10_000)
        _ = try client.hello(name: "beats", profile: .plc, isAnonymous: true)
        _ = try client.ask("sub", [JSONMember("after", .integer(-2))])
        var beats: [Int64] = []
        while beats.count < 10 {
            let line = try client.nextLine()
            guard line.kind == "hb" else { continue }
            beats.append(try #require(line.number("n")))
            #expect((line.number("al") ?? 0) & 1 == 1 && line.number("rdy") == 0, "\(line.text)")
        }
        #expect(beats == Array(beats[0]..<beats[0] + 10))
        let records = try service.client().records()
        #expect(records.count(where: { $0.number("code") == 1101 }) == 1)
        #expect(!records.contains { $0.number("code") == 1102 })
        #expect(try service.client().ask("state").number("cok") == 0)
        #expect(service.stop() == 0)
    }

    @Test("a recording that is over stops no beat: its thread has ended, and nobody is stuck")
    func over() throws {
        var plan = LinePlan(recording: try LossyRecording.make(lost: [0, 0, 0]))
        plan.tables = "[plc]\nheartbeat_ms = 200"
        let service = try ServiceProcess(plan, from: Taught.state())
        try service.start()
        try service.results(3)
        let client = try LineClient(path: service.plc, patience: 10_000)
        _ = try client.hello(name: "beats", profile: .plc, isAnonymous: true)
        _ = try client.ask("sub", [JSONMember("after", .integer(-2))])
        var beats = 0
        while beats < 10 { beats += try client.nextLine().kind == "hb" ? 1 : 0 }
    }
}
