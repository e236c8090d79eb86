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
        // A new name has to be read first: until then nothing is scored.
        let results = try service.results(5) { ($0.number("sc") ?? 0) > 0 }
        #expect(results.allSatisfy { [2, 3].contains($0.number("v") ?? 0) })
        #expect(results.contains { ($0.number("sc") ?? 0) > 0 } && results.allSatisfy { $0.hasFlag(6) })
        let metrics = try service.command("metrics").output
        #expect(metrics.contains("linewatch_inspection_head{inspect=\"casting\"} 1\n"))
        #expect(metrics.contains("linewatch_calibration_level{inspect=\"casting\"} 0\n"))
        #expect(metrics.contains("linewatch_stage_seconds_count{stage=\"backbone\"} "))
        #expect(metrics.contains("linewatch_model_info{inspect=\"casting\",model=\""))
        #expect(service.stop() == 0)
    }

    @Test("begins without words that nobody has read, and judges by them from the next start on at once")
    func unread() throws {
        let service = try ServiceProcess(LinePlan(inspection: "class_name = \"iron lid\""))
        try service.start()
        try service.reach(state: 5)
        let first = try #require(try service.results(1).first)
        #expect([2, 3].contains(first.number("v")) && first.hasFlag(6))
        try service.results(1) { ($0.number("sc") ?? 0) > 0 }
        #expect(service.stop() == 0)
        let before = try FileManager.default.contentsOfDirectory(atPath: service.state.path + "/words").count
        try service.start()
        try service.reach(state: 5)
        let last = try service.last()
        let next = try service.results(1, after: last)
        #expect(next.allSatisfy { $0["model"]?.text?.isEmpty == false }, "\(next.map(\.text))")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: service.state.path + "/words").count == before
        )
        #expect(service.stop() == 0)
    }

    @Test("takes other words by 'class set', keeps them over a restart, and refuses what cannot be read")
    func words() throws {
        let service = try ServiceProcess(LinePlan())
        try service.start()
        try service.reach(state: 5)
        let model = { try service.client().ask("model.list").text }
        try eventually("the words of the settings are read") { try !model().contains("\"model\":\"\"") }
        let before = try model()
        let set = try service.command("class set casting castplate --bad scratch --json")
        #expect(set.status == 0 && set.output.contains("\"castplate\""), "\(set.output)")
        let after = try model()
        #expect(after != before)
        let several = try service.command("class set casting castplate lid --bad scratch --json")
        #expect(several.status == 0 && several.output.contains("[\"lid\"]"), "\(several.output)")
        let both = try model()
        #expect(both != after)
        #expect(try service.command("class set casting --bad scratch").status == 2)
        // A trial says what words would make of the newest frame, and changes nothing.
        try service.results(1)
        let tried = try service.command("class try castplate lid --camera 1 --json")
        #expect(tried.status == 0 && tried.output.contains("\"object_score\""), "\(tried.output)")
        #expect(try service.command("class try \u{1F529} --camera 1").status != 0)
        #expect(try service.command("class try castplate --camera 9").status != 0)
        #expect(try model() == both)
        // Of words that cannot be read the old ones stay.
        for words in ["lid LID", "\u{1F529}"] {
            #expect(try service.command("class set casting \(words)").status != 0)
        }
        #expect(try model() == both)
        #expect(service.stop() == 0)
        try service.start()
        try service.reach(state: 5)
        #expect(try model() == both)
        #expect(try service.command("class set casting").status == 0)
        #expect(try model() == before)
        #expect(service.stop() == 0)
    }

    @Test("knows no good part again, also after a restart, when the only mark is taken back")
    func takenBack() throws {
        let service = try ServiceProcess(
            LinePlan(framesPerSecond: 10, inspection: "class_name = \"cast plate\""))
        try service.start()
        try service.reach(state: 5)
        func known() throws -> [JSONValue?] {
            let shown = try service.client().ask("threshold.show", [JSONMember("inspect", .text("casting"))])
            return [shown["parts"], shown["level"], shown["limit"]]
        }
        let results = try service.results(1) { ($0.number("sc") ?? 0) > 0 }
        let seq = try #require(results.last { ($0.number("sc") ?? 0) > 0 }?.number("seq"))
        let before = try known()
        #expect(try service.command("mark \(seq) ok").status == 0)
        #expect(try known().first == .integer(1))
        // Its frame is of no use to an inspection without a product, and the mark is kept all the same.
        _ = try service.command("mark \(seq) ng")
        #expect(try known() == before)
        #expect(service.stop() == 0)
        try service.start()
        try service.reach(state: 5)
        #expect(try known() == before)
        #expect(service.stop() == 0)
    }
}
