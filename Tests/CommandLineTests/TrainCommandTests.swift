import ArgumentParser
import Foundation
import Testing
import linewatch

struct TrainCommandTests {
    @Test(
        "a sheet of anomalies is refused before anything is made",
        arguments: [
            "", "--sheet a.png --measure 3", "--sheet a.bmp", "--sheet a.png --recipes guess", "--measure 0",
            "--sheet a.png --pictures 0", "--sheet a.png --size 8", "--sheet a.png --seed -1",
        ])
    func refused(line: String) {
        #expect(throws: (any Error).self) {
            try Linewatch.parseAsRoot(
                ["train", "synthesis"] + line.split(separator: " ").map(String.init))
        }
    }

    @Test("a sheet of anomalies is a picture with a row for each recipe")
    func sheet() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).png").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let line = "train synthesis -o \(path) --recipes dots,scratch --pictures 1 --size 64"
        var command = try Linewatch.parseAsRoot(line.split(separator: " ").map(String.init))
        try command.run()
        let file = try [UInt8](Data(contentsOf: URL(filePath: path)))
        // Width and height stand at bytes 16 and 20, highest byte first.
        let sides = [16, 20].map { file[$0..<$0 + 4].reduce(0) { $0 << 8 | Int($1) } }
        #expect(sides == [2 * 164 + 4, 2 * 180 + 4])
    }
}
