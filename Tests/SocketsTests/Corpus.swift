import Foundation
import Platform

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

extension SplitMix64 {
    /// 0..<`bound`.
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
