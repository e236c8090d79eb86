import Foundation

/// The lines of `Corpus`, which stands beside this file: one input per line, any bytes but a newline.
enum Corpus {
    static let lines: [[UInt8]] = ["hello", "plc", "operator", "admin", "bad"].flatMap(lines(of:))

    /// The lines of one file of the corpus, without their newlines.
    static func lines(of name: String) -> [[UInt8]] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let bytes = (try? Data(contentsOf: folder.appendingPathComponent("Corpus/\(name).txt"))) ?? Data()
        return bytes.split(separator: UInt8(ascii: "\n")).map(Array.init)
    }
}

/// A small generator that gives the same numbers on every machine: SplitMix64.
struct SplitMix64 {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    /// 0..<`bound`.
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
