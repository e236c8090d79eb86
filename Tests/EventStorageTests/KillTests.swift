import EventStorage
import Events
import Foundation
import Platform
import Testing

/// R1: the process is killed under load, with two consumers, and whatever it said to be durable is there.
struct KillTests {
    @Test("kill -9 at any moment loses nothing that was published, accepted or acknowledged")
    func kill() throws {
        let house = Storehouse()
        var witness = Witness()
        var random = SplitMix64(seed: 4)
        var spoke = 0
        for round in 0..<(isLong ? 500 : 20) {
            let lines = try linesOfKilledWriter(
                house.folder, seed: round, afterMilliseconds: Int.random(in: 1...60, using: &random))
            for line in lines { witness.read(line) }
            if !lines.isEmpty { spoke += 1 }
            let log = try house.open()
            try witness.check(log, "kill \(round)")
            #expect(log.status.setAside == [], "kill \(round)")
            if round % 3 == 0 { try log.stop() } else { log.abandon() }
        }
        #expect(spoke > 5, "most kills came before the writer had said anything")
    }

    /// Lets the writer run and kills it so long after its first word, or at once after its start.
    private func linesOfKilledWriter(
        _ folder: String, seed: Int, afterMilliseconds: Int
    ) throws -> [Substring] {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = try Self.writer()
        process.arguments = [folder, "\(seed)"]
        process.standardOutput = pipe
        try process.run()
        var output = Data()
        if seed % 5 != 0 {
            output = pipe.fileHandleForReading.availableData
        }
        usleep(UInt32(afterMilliseconds) * 1000)
        Foundation.kill(process.processIdentifier, SIGKILL)
        output += pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let text = String(decoding: output, as: UTF8.self)
        return text.split(separator: "\n")
    }

    /// The writer lies beside the executable of the tests.
    private static func writer() throws -> URL {
        let tests = URL(filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        return tests.deletingLastPathComponent().appending(path: "event-log-writer")
    }
}
