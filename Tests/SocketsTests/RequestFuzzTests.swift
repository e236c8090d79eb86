import Events
import Foundation
import Platform
import Sockets
import Testing

/// The line parser against bytes that nobody meant to be a request.
struct RequestFuzzTests {
    /// The entry point: everything that a peer's line goes through before it reaches a rule.
    static func read(_ bytes: [UInt8]) {
        for (depth, profile) in [(1, Profile.plc), (8, .full)] {
            guard let line = try? RequestLine(bytes, depthLimit: depth) else { continue }
            _ = try? Request(line, profile: profile)
        }
    }

    @Test("the corpus is there, and each of its bad lines is refused while every other one is a request")
    func corpus() throws {
        #expect(Corpus.lines.count > 40)
        for bytes in Corpus.lines(of: "bad") {
            #expect(throws: ErrorLine.self, "\(String(decoding: bytes, as: UTF8.self))") {
                _ = try RequestLine(bytes, depthLimit: 1)
            }
        }
        for name in ["hello", "plc", "operator", "admin"] {
            for bytes in Corpus.lines(of: name) {
                _ = try Request(try RequestLine(bytes, depthLimit: 8), profile: .full)
            }
        }
    }

    @Test("no mutation of the corpus traps: 200,000 inputs, 10 million with LINEWATCH_LONG=1")
    func mutations() {
        let isLong = ProcessInfo.processInfo.environment["LINEWATCH_LONG"] == "1"
        var random = SplitMix64(seed: 0x5EED)
        let corpus = Corpus.lines
        let pieces = [
            "\"", "\\", "\\ud83d", "{", "}", "[", "]", ":", ",", "-", "1e999", "\u{0}", "null", "9999999999",
        ]
        for _ in 0..<(isLong ? 10_000_000 : 200_000) {
            var bytes = corpus[random.below(corpus.count)]
            for _ in 0...random.below(4) {
                let at = random.below(bytes.count + 1)
                switch random.below(6) {
                case 0: bytes.insert(UInt8(random.below(256)), at: at)
                case 1: if at < bytes.count { bytes[at] ^= 1 << UInt8(random.below(8)) }
                case 2: bytes.removeSubrange(min(at, bytes.count)...)
                case 3: bytes.insert(contentsOf: pieces[random.below(pieces.count)].utf8, at: at)
                case 4: bytes += corpus[random.below(corpus.count)].dropFirst(at)
                default: bytes.removeSubrange(at..<min(bytes.count, at + random.below(8)))
                }
            }
            Self.read(Array(bytes.prefix(32_768)))
        }
    }

    @Test("what the strict parser takes, Foundation's parser takes too, with the same keys")
    func agreesWithFoundation() throws {
        var random = SplitMix64(seed: 0xF00D)
        let corpus = Corpus.lines
        var taken = 0
        for _ in 0..<20_000 {
            var bytes = corpus[random.below(corpus.count)]
            let at = random.below(bytes.count)
            bytes[at] = random.below(2) == 0 ? UInt8(32 + random.below(95)) : bytes[at]
            guard let members = try? JSONParser.members(of: bytes, depthLimit: 8) else { continue }
            taken += 1
            let other = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
            #expect(Set(members.map(\.key)) == Set(try #require(other).keys))
        }
        #expect(taken > 5_000)
    }

    @Test("a line as deep as it is long is refused without a deep stack")
    func depth() {
        for open in ["[", "{\"a\":"] {
            let deep = "{\"a\":" + String(repeating: open, count: 6_000)
            #expect(throws: JSONFault.self) { try JSONParser.members(of: Array(deep.utf8), depthLimit: 8) }
        }
    }
}
