import Configuration
import Platform
import Testing

/// Settings files that went through something.
struct DamagedFileTests {
    @Test("damaged and cut files never trap, and give findings of one line")
    func fuzz() {
        var random = SplitMix64(seed: 0xF022)
        let file = Array(Settings.example.annotatedFile.utf8)
        for _ in 0..<600 {
            var bytes = Array(file[..<Int.random(in: 0...file.count, using: &random)])
            for _ in 0..<Int.random(in: 0...20, using: &random) where !bytes.isEmpty {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(
                    in: 0...255, using: &random)
            }
            let text = SettingsText(path: "x", .bytes(bytes))
            let loaded = Settings.load([text], environment: [:])
            for finding in loaded.findings { #expect(!finding.description.contains("\n")) }
            _ = loaded.canonicalJSON
        }
    }
}
