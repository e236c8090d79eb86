import Foundation
import Sockets
import Testing

/// The daemon before anything was taught: it judges by the words of the class.
@Suite("an untaught inspection")
struct ZeroShotServiceTests {
    @Test("scores every part by its class name, is UNSURE or NG and never OK")
    func firstMinute() throws {
        let service = try ServiceProcess(LinePlan(inspection: "class_name = \"cast plate\""))
        try service.start()
        try service.reach(state: 5)
        let results = try service.results(5)
        #expect(results.allSatisfy { [2, 3].contains($0.number("v") ?? 0) })
        #expect(results.contains { ($0.number("sc") ?? 0) > 0 } && results.allSatisfy { $0.hasFlag(6) })
        #expect(service.stop() == 0)
    }

    @Test("takes other words by 'class set', keeps them over a restart, and refuses one that is empty")
    func words() throws {
        let service = try ServiceProcess(LinePlan())
        try service.start()
        try service.reach(state: 5)
        let model = { try service.client().ask("model.list").text }
        let before = try model()
        let set = try service.command("class set casting castplate --bad scratch --json")
        #expect(set.status == 0 && set.output.contains("\"castplate\""), "\(set.output)")
        let after = try model()
        #expect(after != before)
        #expect(try service.command("class set casting --bad scratch").status == 2)
        #expect(service.stop() == 0)
        try service.start()
        try service.reach(state: 5)
        #expect(try model() == after)
        #expect(try service.command("class set casting").status == 0)
        #expect(try model() == before)
        #expect(service.stop() == 0)
    }
}
