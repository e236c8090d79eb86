import Foundation
import Testing
import Training

struct KilledTrainingTests {
    private static let steps = 40

    /// Runs the training at `checkpoint`; returns what it prints, or nil if it was killed after `milliseconds`.
    private func run(_ checkpoint: String, killedAfter milliseconds: Int?) throws -> String? {
        let process = Process()
        let output = Pipe()
        // The program lies beside the one that runs this test.
        let tests = URL(filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        process.executableURL = tests.deletingLastPathComponent().appending(path: "scripted-training")
        process.arguments = [checkpoint, String(Self.steps)]
        process.standardOutput = output
        try process.run()
        if let milliseconds {
            Thread.sleep(forTimeInterval: Double(milliseconds) / 1000)
            kill(process.processIdentifier, SIGKILL)
        }
        process.waitUntilExit()
        guard process.terminationReason == .exit else { return nil }
        #expect(process.terminationStatus == 0)
        return String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    }

    @Test("a training that is killed again and again ends with the bits of one that never was")
    func killed() throws {
        let path = "\(temporaryFolder)/linewatch-killed-\(UInt64.random(in: 0...UInt64.max)).safetensors"
        defer { remove(path) }
        let whole = try #require(try run(path, killedAfter: nil))
        remove(path)
        var numbers = TestNumbers("moments of death")
        var kills = 0
        while kills < 12, try run(path, killedAfter: 30 + numbers.index(below: 60)) == nil { kills += 1 }
        #expect(kills > 0)
        #expect(try run(path, killedAfter: nil) == whole)
    }
}
