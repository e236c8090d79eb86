import Imaging
import Testing

/// Damaged files: an image or an error, never a trap.
struct ImageFuzzTests {
    /// The entry point of a fuzzer.
    static func read(_ bytes: [UInt8]) {
        guard let image = try? RGBImage(encoded: bytes, path: "fuzz") else { return }
        precondition(image.size.isValid && image.pixels.count == 3 * image.size.pixelCount)
    }

    @Test(
        "a file cut at any byte is refused, or whole",
        arguments: ["colour.jpg", "grey.jpg", "colour.png", "deep.png"])
    func cutAnywhere(name: String) throws {
        let file = try Pictures().bytes(name)
        let whole = try RGBImage(encoded: file, path: name)
        for length in file.indices {
            let image = try? RGBImage(encoded: Array(file.prefix(length)), path: name)
            #expect(image == nil || image == whole, "cut at byte \(length)")
        }
    }

    @Test(
        "any bytes give an image or an error",
        arguments: [
            "colour.jpg", "progressive.jpg", "grey.jpg", "colour.png", "grey.png", "alpha.png", "deep.png",
        ])
    func mutations(name: String) throws {
        let file = try Pictures().bytes(name)
        var state: UInt64 = 0x5EED
        func random(below count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % count
        }
        for _ in 0..<600 {
            var mutant = file
            for _ in 0...random(below: 6) {
                let at = random(below: mutant.count)
                switch random(below: 4) {
                case 0: mutant[at] = UInt8(random(below: 256))
                case 1: mutant[at] ^= 1 << UInt8(random(below: 8))
                case 2: mutant.insert(UInt8(random(below: 256)), at: at)
                default: if mutant.count > 8 { mutant.remove(at: at) }
                }
            }
            Self.read(mutant)
        }
    }
}
