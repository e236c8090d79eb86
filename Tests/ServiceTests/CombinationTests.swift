import Foundation
import Sockets
import Testing

/// C53: several inspections of one frame give one result.
@Suite("several inspections of a frame", .serialized)
struct CombinationTests {
    private static let plan = LinePlan(
        tables: """
            [[inspect]]
            name = "other"
            camera = 1
            deadline_ms = 5000
            """)

    @Test("C53: OK and UNSURE are UNSURE; OK and INVALID are INVALID; NG and INVALID are NG, and say so")
    func combined() throws {
        let service = try ServiceProcess(Self.plan, from: Taught.state())
        try service.start()
        try service.reach(state: 5)
        var before = try service.last()
        // The second inspection was never taught.
        var result = try #require(
            try service.results(1, after: before) { verdicts($0) == [1, 3] }.first { verdicts($0) == [1, 3] })
        #expect(result.number("v") == 3 && result.number("rs") == 23, "\(result.text)")

        // Taught, and then damaged: it judges nothing, and the first goes on.
        let taught = try service.command("teach other --quick --images \(try Taught.pictures().path) --yes")
        try #require(taught.status == 0, "\(taught.errors)")
        before = try service.last()
        try service.results(1, after: before) { verdicts($0) == [1, 1] && $0.number("v") == 1 }
        #expect(service.stop() == 0)
        let model = try FileManager.default.destinationOfSymbolicLink(
            atPath: service.state.path + "/inspections/other/current")
        let name = try #require(model.split(separator: "/").last)
        let weights = service.state.appending(path: "models/\(name)/weights.safetensors")
        let handle = try FileHandle(forWritingTo: weights)
        try handle.truncate(atOffset: 100)
        try handle.close()
        try service.start()
        try service.reach(state: 5)
        before = try service.last()
        result = try #require(
            try service.results(1, after: before) { verdicts($0) == [1, 4] }.first { verdicts($0) == [1, 4] })
        #expect(result.number("v") == 4 && result.number("rs") == 8 && result.hasFlag(0), "\(result.text)")
        #expect(service.lines.count(where: { $0.contains("'other' judges nothing") }) == 1, "\(service.said)")

        let set = try service.command("threshold set casting --raw 0.000001")
        try #require(set.status == 0, "\(set.errors)")
        before = try service.last()
        result = try #require(
            try service.results(1, after: before) { verdicts($0) == [2, 4] }.first { verdicts($0) == [2, 4] })
        #expect(
            result.number("v") == 2 && [30, 31, 32].contains(result.number("rs")) && result.hasFlag(0),
            "\(result.text)")
    }

    /// The verdicts of the two inspections.
    private func verdicts(_ line: ServerLine) -> [Int64] {
        (line["roi"]?.elements ?? []).compactMap { $0["v"]?.integer }
    }
}
