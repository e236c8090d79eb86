import ArgumentParser
import Foundation
import Testing
import linewatch

struct CameraSimulateTests {
    @Test(
        "what the simulated camera cannot do is refused before anything is written",
        arguments: [
            "", "-o a --sheet b.png", "--sheet b.gif", "-o a --surface wood", "-o a --form strip",
            "-o a --frames 0",
            "-o a --seed -1", "-o a --width x",
        ])
    func refused(line: String) {
        let arguments = line.split(separator: " ").map(String.init)
        #expect(throws: (any Error).self) { try Linewatch.parseAsRoot(["camera", "simulate"] + arguments) }
    }

    @Test("frames come with a mask where there is a defect, and with a line of truth each")
    func frames() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/linewatch-simulate-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var command = try Linewatch.parseAsRoot([
            "camera", "simulate", "-o", folder, "--frames", "6", "--width", "80", "--height", "64",
            "--surface", "woven", "--defects", "500000",
        ])
        try command.run()

        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        let truth = try String(contentsOfFile: folder + "/truth.jsonl", encoding: .utf8)
        let lines = truth.split(separator: "\n")
        #expect(lines.count == 6 && names.filter { $0.hasPrefix("frame-") }.count == 6)
        #expect(lines.allSatisfy { $0.contains("\"schema\":\"linewatch.camera.simulate") })
        let flawed = lines.indices.filter { lines[$0].contains("\"kind\"") }
        #expect(!flawed.isEmpty)
        #expect(names.filter { $0.hasPrefix("mask-") }.sorted() == flawed.map { "mask-00000\($0).png" })
    }
}
