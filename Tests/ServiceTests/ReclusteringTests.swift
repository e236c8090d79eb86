import Events
import Foundation
import GRDB
import Sockets
import Testing

/// Re-clustering beside the real daemon, of a log with two types that are four kinds in truth.
@Suite("re-clustering", .serialized)
struct ReclusteringTests {
    private static let perKind = 2_500

    /// Adds the types 1 and 2 with two kinds of defects each to the log in `folder`.
    private static func fill(_ folder: URL) throws {
        let database = try DatabaseQueue(path: folder.appending(path: "events.db").path)
        let now = Int64(Date().timeIntervalSince1970 * 1000),
            inspection = DefectDescription.number(of: "casting")
        func bytes(_ values: [Float]) -> Data {
            Data(
                values.flatMap { value in
                    (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
                })
        }
        /// Of length 1, on one axis and, for noise, on another.
        func vector(_ kind: Int, _ index: Int) -> [Float] {
            var values = [Float](repeating: 0, count: 64)
            values[kind] = 0.9
            values[4 + (index * 7 + kind) % 60] = 0.43589
            return values
        }
        try database.write { db in
            try db.execute(sql: "DELETE FROM defect_embedding")
            for type in 1...2 {
                let centre = (0..<64).map { Float($0 == 2 * type - 2 || $0 == 2 * type - 1 ? 0.70711 : 0) }
                try db.execute(
                    sql: """
                        INSERT INTO defect_type(id, name, inspect, n, centre, theta, first_ms, last_ms, parents, state,
                          recent, recent_next) VALUES (?, ?, 'casting', ?, ?, 0.5, ?, ?, '', 1, ?, 0)
                        """,
                    arguments: [
                        type, "type-\(type)", 2 * perKind, bytes(centre), now - 1000, now, bytes([0.6]),
                    ])
            }
            for index in 0..<4 * perKind {
                let kind = index % 4, codes = vector(kind, index / 4).map { Int8(($0 * 127).rounded()) }
                try db.execute(
                    sql: """
                        INSERT INTO defect_embedding(id, seq, region, type, z, sim, exemplar, ts_ms, inspect)
                        VALUES (?, ?, 0, ?, ?, 0.6, 0, ?, ?)
                        """,
                    arguments: [
                        Int64(index) << 5, index + 1, kind / 2 + 1, Data(codes.map(UInt8.init(bitPattern:))),
                        now,
                        inspection,
                    ])
            }
        }
    }

    @Test("killed it leaves the types as they are; what changes too much waits until somebody applies it")
    func proposal() throws {
        let service = try ServiceProcess(LinePlan(isArmed: false), from: Taught.state())
        try service.start()
        service.stop()
        try Self.fill(service.state)
        try service.start()
        func types() throws -> [String] {
            let list = try service.client().ask("type.list")["types"]?.elements ?? []
            return list.map {
                "\($0["type"]?.integer ?? 0) \($0["name"]?.text ?? "") \($0["n"]?.integer ?? 0)"
            }
        }
        let before = try types()
        #expect(before.count == 2, "\(before) \(service.said)")

        // Long before its end, and at some point on its way.
        let ends = try [0.0, 0.02, 0.05, 0.1].map { delay in
            let process = Process()
            let executable: URL = try #require(BuiltExecutable.url("linewatch"))
            process.executableURL = executable
            process.arguments = ["type", "recluster", "--state", service.state.path]
            process.environment = service.environment
            process.standardOutput = FileHandle.nullDevice
            try process.run()
            Thread.sleep(forTimeInterval: delay)
            Foundation.kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            #expect(try types() == before)
            return process.terminationReason
        }
        #expect(ends.contains(.uncaughtSignal), "it had ended before it was killed")

        func command(_ line: String) throws -> String {
            let run = try service.command(line)
            try #require(run.status == 0, "linewatch \(line): \(run.errors)")
            return run.output
        }
        let dry = try command("type recluster --dry-run --state \(service.state.path)")
        #expect(dry.contains("2 kinds before, 4 now") && !dry.contains("waits"), "\(dry)")
        let said = try command("type recluster --state \(service.state.path)")
        #expect(said.contains("50.0 % of the defects, and waits as proposal"), "\(said)")
        let number = try #require(said.firstMatch(of: /proposal (\d+)/)?.1)
        #expect(try types() == before)
        #expect(try command("type list").contains("type apply \(number)"))
        let applied = try command("type apply \(number)")
        #expect(applied.contains("In force: 4 kinds, 50.0 %"), "\(applied)")
        let after = try types()
        #expect(after.count == 4 && Set(after.map { $0.split(separator: " ")[0] }) == ["1", "2", "3", "4"])
        #expect(try service.command("type apply \(number)").errors.contains("There is no proposal \(number)"))
        // It outlives a kill, and sorted once more nothing changes.
        service.kill()
        try service.start()
        #expect(try types() == after)
        let again = try command("type recluster --state \(service.state.path)")
        #expect(again.contains("4 kinds before, 4 now, 4 of them as before"), "\(again)")
        #expect(again.contains("In force: 4 kinds, 0.0 %"), "\(again)")
    }
}
