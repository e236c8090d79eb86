import Platform
import Tensors
import Testing

@Suite("Weight files with random damage")
struct WeightFileFuzzTests {
    /// Reads everything that a file offers. Whatever `bytes` are, it must return.
    private func read(_ bytes: [UInt8]) -> Bool {
        guard let file = try? WeightFile(bytes: bytes) else { return false }
        for name in file.names {
            guard let entry = file.tensor(name) else { continue }
            #expect(entry.byteRange.upperBound <= bytes.count)
            _ = try? file.floats(name)
            _ = try? file.int8(name)
            _ = try? file.uint8(name)
            _ = try? file.int32(name)
            let count = try? unsafe file.withUnsafeBytes(of: name) { $0.count }
            #expect(count == entry.byteRange.count)
        }
        return true
    }

    private func sample() throws -> [UInt8] {
        var writer = WeightFileWriter(metadata: ["kéy": "\u{1}\"\\"])
        try writer.addFloat32("a", [2, 3], [1, 2, 3, 4, 5, 6])
        try writer.addFloat16("half", [2], [1, 2])
        try writer.addInt32("i", [1], [7])
        try writer.addInt8("codes", [3], [1, 2, 3])
        return writer.bytes()
    }

    @Test("changed bytes are read or refused, never trapped on")
    func mutations() throws {
        let original = try sample()
        let pieces: [[UInt8]] = [
            "{", "}", "[", "]", "\"", ",", ":", "\\u", "-1", "9223372036854775807", "null", "[0,0]",
        ]
        .map { Array($0.utf8) }
        var random = SplitMix64(seed: 0x5EED)
        var readable = 0
        for _ in 0..<20_000 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 2: bytes.remove(at: index)
                case 3: bytes.insert(contentsOf: pieces.randomElement(using: &random)!, at: index)
                default:
                    let other = Int.random(in: 0..<bytes.count, using: &random)
                    bytes.replaceSubrange(
                        index..<index, with: bytes[min(index, other)..<max(index, other)].prefix(40))
                }
            }
            if read(bytes) { readable += 1 }
        }
        #expect(readable > 100, "the loop should reach the elements too")
    }

    @Test("headers put together from random pieces are read or refused, never trapped on")
    func grammar() {
        let pieces = [
            "{", "}", "[", "]", ",", ":", " ", "\"a\"", "\"b\"", "\"dtype\"", "\"shape\"", "\"data_offsets\"",
            "\"I8\"",
            "\"F32\"", "0", "1", "4", "[0]", "[0,4]", "[4,8]", "\"__metadata__\"",
            "\"dtype\":\"I8\"", "\"shape\":[4]", "\"data_offsets\":[0,4]",
            "\"c\":{\"dtype\":\"I8\",\"shape\":[0],\"data_offsets\":[0,0]}",
        ]
        var random = SplitMix64(seed: 0xF00D)
        for _ in 0..<20_000 {
            let count = Int.random(in: 1...24, using: &random)
            let header = "{" + (0..<count).map { _ in pieces.randomElement(using: &random)! }.joined() + "}"
            _ = read(weightFile(header, [1, 2, 3, 4, 5, 6, 7, 8]))
        }
    }
}
