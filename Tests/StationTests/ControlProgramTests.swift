import Foundation
import Testing

/// The clients of Packaging/plc against a real server.
@Suite("clients for control programs")
struct ControlProgramTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private func run(_ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(output)")
        return output
    }

    private static func isInstalled(_ program: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: "/usr/bin/\(program)")
    }

    @Test(
        "the Python client gets every part's result once, over a kill of the daemon",
        .enabled(if: isInstalled("python3"), "python3 is not installed"))
    func python() throws {
        let station = try StationProcess()
        try station.start("--block", "100")
        let script = Self.root.appending(path: "Tests/StationTests/Clients/client.py").path
        let plc = Self.root.appending(path: "Packaging/plc").path
        let state = station.folder.appending(path: "state.json").path
        #expect(
            try run(["python3", script, plc, station.plc, state, "1", "8"]).contains("8 parts as scripted"))
        station.kill()
        try station.start("--block", "100")
        #expect(
            try run(["python3", script, plc, station.plc, state, "9", "8"]).contains("8 parts as scripted"))
    }

    @Test("the C client gets every part's result, sees the daemon die, and comes back by itself")
    func c() throws {
        let station = try StationProcess()
        try station.start("--block", "100")
        let program = station.folder.appending(path: "client").path
        let source = Self.root.appending(path: "Tests/StationTests/Clients/client.c").path
        _ = try run([
            "cc", "-std=c99", "-D_DEFAULT_SOURCE", "-Wall", "-Wextra", "-Werror", "-pedantic",
            "-fsanitize=address,undefined", "-I", Self.root.appending(path: "Packaging/plc").path, source,
            "-o",
            program,
        ])
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = [station.plc]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        Thread.sleep(forTimeInterval: 1)
        station.kill()
        Thread.sleep(forTimeInterval: 0.3)
        try station.start("--block", "100")
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(output)")
        #expect(output.contains("disconnected once, restarted once"), "\(output)")
    }
}
