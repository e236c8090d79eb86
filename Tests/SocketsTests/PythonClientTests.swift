import Events
import Foundation
import Sockets
import Testing

/// The Python client of `Packaging/plc` against this server.
struct PythonClientTests {
    private static let python = "/usr/bin/python3"
    private static let isThere = FileManager.default.isExecutableFile(atPath: python)

    /// Runs `body` with the client as a process that reads `rig` and prints what it gets.
    private func running(_ rig: Rig, _ body: (_ lines: () throws -> ServerText) throws -> Void) throws {
        let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.python)
        process.arguments = [
            checkout.appendingPathComponent("Packaging/plc/linewatch.py").path, "--socket", rig.path(.plc),
            "--state", rig.folder + "/cursor",
        ]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        defer {
            // Not terminate(): the thread that started it blocks that signal, and the child inherits the mask.
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        var received = Data()
        try body {
            while true {
                if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                    let line = received[..<end]
                    received = Data(received[(end + 1)...])
                    let object = try JSONSerialization.jsonObject(with: line) as? [String: Any] ?? [:]
                    if object["t"] as? String != "hb" { return ServerText(object) }
                } else {
                    let more = output.fileHandleForReading.availableData
                    try #require(!more.isEmpty, "the client ended")
                    received += more
                }
            }
        }
    }

    /// What the client printed of one line.
    private struct ServerText {
        let kind: String
        let seq: Int

        init(_ object: [String: Any]) {
            kind = object["t"] as? String ?? ""
            seq = object["seq"] as? Int ?? 0
        }
    }

    @Test(
        "the Python client gets each record once and in order, acknowledges it, and goes on after it was killed",
        .enabled(if: isThere, "needs /usr/bin/python3"))
    func everyRecordOnce() async throws {
        try await Rig.run { rig in
            var next = 1
            for round in 1...2 {
                try running(rig) { line in
                    let isKnown = Rig.eventually { rig.log.acked("python") != nil }
                    try #require(isKnown)
                    rig.commit("rerrgr")
                    // Killed before it acknowledged its last record, it rightly gets that one again.
                    var mayRepeat = round > 1
                    while next <= round * 8 {
                        let record = try line()
                        let isRepeated = mayRepeat && record.seq == next - 1
                        mayRepeat = false
                        if isRepeated { continue }
                        #expect(record.seq == (record.kind == "gap" ? next + 2 : next), "\(record)")
                        next = record.seq + 1
                    }
                    #expect(Rig.eventually { rig.log.acked("python")! >= UInt64(round * 8 - 1) })
                }
            }
        }
    }
}
