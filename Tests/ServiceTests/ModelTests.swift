import Foundation
import Sockets
import Testing

/// Taught products of the real daemon: exchanged, tried beside, damaged.
@Suite("models", .serialized)
struct ModelTests {
    @Test(
        "a product that is taught later takes over, a candidate judges beside it, and rollback brings the first back"
    )
    func rollBack() throws {
        let service = try ServiceProcess(LinePlan(), from: Taught.state())
        try service.start()
        try service.reach(state: 5)
        var before = try service.last()
        let first = try #require(try service.results(1, after: before).last?["model"]?.text)
        let pictures = try Taught.pictures().path
        let taught = try service.command("teach casting --quick --images \(pictures) --good 1")
        try #require(taught.status == 0, "\(taught.errors)")
        try service.event(1402, after: before)
        let second = try #require(
            try service.results(1, after: before) { $0["model"]?.text != first }.last?["model"]?.text)
        let client = try service.client()

        let inspect = JSONMember("inspect", .text("casting"))
        #expect(try client.order("model.shadow", [JSONMember("model", .text(first)), inspect]) == 0)
        before = try service.last()
        let beside = try service.results(5, after: before)
        #expect(beside.allSatisfy { $0["model"]?.text == second }, "a candidate's verdicts are not sent")
        #expect(try client.ask("model.list").text.contains("\"shadow\":\"\(first)"))
        #expect(try client.order("model.shadow", [JSONMember("model", .text("none")), inspect]) == 0)

        let run = try service.command("model rollback casting --yes")
        #expect(run.status == 0, "\(run.errors)")
        try service.event(1403, after: before)
        try service.results(1, after: before) { $0["model"]?.text == first }
        #expect(service.stop() == 0)
        try service.start()
        before = try service.last()
        #expect(try service.results(1, after: before).last?["model"]?.text == first, "and it stays so")
    }

    @Test(
        "with a damaged product the camera runs, every part is INVALID 8, one line says so, and teaching heals it"
    )
    func damaged() throws {
        let service = try ServiceProcess(LinePlan(), from: Taught.state())
        let models = service.state.appending(path: "models")
        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: models.path).first)
        let weights = models.appending(path: name).appending(path: "weights.safetensors")
        let handle = try FileHandle(forWritingTo: weights)
        try handle.truncate(atOffset: 100)
        try handle.close()
        try service.start()
        try service.reach(state: 5)
        let before = try service.last()
        let results = try service.results(5, after: before)
        #expect(results.allSatisfy { $0.number("v") == 4 && $0.number("rs") == 8 }, "\(results.map(\.text))")
        let lines = service.lines.filter { $0.contains(name) }
        #expect(lines.count == 1, "\(service.said)")
        #expect(
            lines.first?.contains("casting") == true && lines.first?.contains("weights.safetensors") == true)
        #expect(try service.client().ask("state").number("cok") == 1)

        let taught = try service.command("teach casting --quick --images \(try Taught.pictures().path)")
        try #require(taught.status == 0, "\(taught.errors)")
        try service.results(1, after: before) { $0.number("v") == 1 }
    }

    @Test("with a product that is gone the daemon starts, and no part is OK until it is there again")
    func missing() throws {
        let service = try ServiceProcess(LinePlan(), from: Taught.state())
        let models = service.state.appending(path: "models"), away = service.folder.appending(path: "away")
        try FileManager.default.moveItem(at: models, to: away)
        try service.start()
        try service.reach(state: 5)
        let results = try service.results(5, after: try service.last())
        #expect(results.allSatisfy { $0.number("v") == 4 && $0.number("rs") == 8 }, "\(results.map(\.text))")
        #expect(service.lines.count(where: { $0.contains("casting") }) == 1, "\(service.said)")
        #expect(service.stop() == 0)
        try? FileManager.default.removeItem(at: models)
        try FileManager.default.moveItem(at: away, to: models)
        try service.start()
        try service.results(1, after: try service.last()) { $0.number("v") == 1 }
    }
}
