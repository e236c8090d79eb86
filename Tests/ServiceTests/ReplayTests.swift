import Foundation
import Kernels
import Sockets
import Testing

/// C60: a recording is judged alike by every instruction set.
@Suite("replay", .serialized)
struct ReplayTests {
    @Test(
        "C60: the same recording gives the same log to the byte, twice and on every instruction set of this machine"
    )
    func deterministic() throws {
        let names = InstructionSet.available.map(\.name)
        var expected: [String] = []
        for name in names + [names[0]] {
            let log = try export(instructions: name)
            try #require(log.count == 17, "\(log)")
            if expected.isEmpty { expected = log }
            let difference = zip(log, expected).first { $0 != $1 }
            #expect(log == expected, "\(name) differs from \(names[0]): \(String(describing: difference))")
        }
        #expect(expected.count(where: { $0.contains("\"t\":\"r\"") }) == 16)
        #expect(expected.contains { $0.contains("\"v\":1") })
    }

    /// The log of one run over the recording, without what may differ.
    private func export(instructions: String) throws -> [String] {
        let plan = LinePlan(recording: try Taught.recording(), deadline: 60_000)
        let service = try ServiceProcess(plan, from: Taught.state())
        try service.start(instructions: instructions)
        let client = try service.client()
        var stats = client.greeting
        try eventually("the recording is over on \(instructions): \(stats.text) \(service.said)") {
            stats = try client.ask("stats")
            return stats.number("tr") == 16
                && ["ok", "ng", "un", "iv"].reduce(0) { $0 + (stats.number($1) ?? 0) } == 16
        }
        let run = try service.command("events export --socket \(service.plc)")
        try #require(run.status == 0, "\(run.errors)")
        let lines = run.output.split(separator: "\n")
        let start = try #require(lines.lastIndex { $0.contains("\"code\":1001,") }, "no start is in the log")
        return try lines[start...].map { line in
            var object = try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            for key in ["ts", "us", "mono_ns", "run", "boot", "stage_us", "bk"] { object[key] = nil }
            let data = try JSONSerialization.data(withJSONObject: object, options: .sortedKeys)
            return String(decoding: data, as: UTF8.self)
        }
    }
}
