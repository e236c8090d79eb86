import Foundation
import Sockets
import Testing

/// C56: new settings while the daemon runs, all or nothing.
@Suite("reloads", .serialized)
struct ReloadTests {
    private static let changed = LinePlan(inspection: "threshold = { false_reject_ppm = 20000 }")
    private static let broken = LinePlan(inspection: "deadlin_ms = 80")

    @Test(
        "a changed threshold changes cfg with event 1004, and a broken file is error 26 and changes nothing")
    func asked() throws {
        let service = try ServiceProcess(LinePlan(), from: Taught.state())
        try service.start()
        try service.reach(state: 5)
        let client = try service.client()
        let old = try #require(try client.ask("state").number("cfg"))
        var before = try service.last()
        try service.write(Self.changed)
        let answer = try client.ask("config.reload")
        #expect(answer.kind == "ok", "\(answer.text)")
        let new = try #require(try client.ask("state").number("cfg"))
        #expect(new != old && answer.number("cfg") == new)
        let event = try service.event(1004, after: before)
        #expect(event.number("a") == old && event.number("b") == new)

        before = try service.last()
        try service.write(Self.broken)
        let refused = try client.ask("config.reload")
        #expect(refused.number("num") == 26)
        let line = try #require(
            Self.broken.text.split(separator: "\n", omittingEmptySubsequences: false)
                .firstIndex { $0.hasPrefix("deadlin_ms") })
        let place = "\(service.settings.path):\(line + 1):1"
        #expect(refused["msg"]?.text?.contains(place) == true, "\(refused.text)")
        #expect(try service.event(1005, after: before).number("a") == Int64(line + 1))
        let state = try client.ask("state")
        #expect(state.number("cfg") == new && (state.number("al") ?? 0) >> 12 & 1 == 1)
        try service.results(1, after: before) { $0.number("v") == 1 }

        try service.write(Self.changed)
        #expect(try client.ask("config.reload").kind == "ok")
        #expect((try client.ask("state").number("al") ?? 0) >> 12 & 1 == 0)
    }

    @Test("SIGHUP does the same, and the daemon inspects on whatever the file says")
    func signalled() throws {
        let service = try ServiceProcess(LinePlan(), from: Taught.state())
        try service.start()
        try service.reach(state: 5)
        let client = try service.client()
        let old = try #require(try client.ask("state").number("cfg"))
        var before = try service.last()
        try service.write(Self.broken)
        service.hangUp()
        try service.event(1005, after: before)
        #expect(try client.ask("state").number("cfg") == old)
        #expect(service.said.contains("did you mean 'deadline_ms'?") || service.said.contains("deadline_ms"))
        try service.results(1, after: try service.last()) { $0.number("v") == 1 }
        before = try service.last()
        try service.write(Self.changed)
        service.hangUp()
        try service.event(1004, after: before)
        #expect(try client.ask("state").number("cfg") != old)
        try service.results(1, after: try service.last()) { $0.number("v") == 1 }
    }

    @Test("a camera whose settings change is made anew, and no part is lost or counted twice")
    func otherCamera() throws {
        let service = try ServiceProcess(LinePlan(), from: Taught.state())
        try service.start()
        try service.reach(state: 5)
        try service.results(3, after: try service.last())
        let client = try service.client()
        try service.write(LinePlan(framesPerSecond: 40))
        #expect(try client.ask("config.reload").kind == "ok")
        let before = try service.last()
        try service.results(3, after: before) { $0.number("v") == 1 }
        #expect(try client.order("disarm", [JSONMember("cam", .integer(1))]) == 0)
        try eventually("every frame that was a trigger has its result") {
            let stats = try client.ask("stats")
            return ["ok", "ng", "un", "iv"].reduce(0) { $0 + (stats.number($1) ?? 0) } == stats.number("tr")
        }
        #expect(try client.ask("stats").number("lost") == 0)
    }
}
