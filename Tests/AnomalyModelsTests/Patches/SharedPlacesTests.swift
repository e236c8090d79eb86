import AnomalyModels
import Imaging
import Inference
import Kernels
import Testing

@Suite("One product seen through two trunks")
struct SharedPlacesTests {
    /// Five parts are more patches of stride 8 than a bank keeps.
    private static let size = Size(width: 256, height: 256)
    private static let count = 5

    private static func teaching(
        _ trunks: PatchTrunks, from seed: UInt64, places: PatchTeaching? = nil
    ) throws -> PatchTeaching {
        var teaching = PatchTeaching(trunks, views: .fixed, fusion: nil, places: places)
        for part in 0..<UInt64(count) { try teaching.add(PatchFixture.part(seed + part, size), size: size) }
        return teaching
    }

    /// The codes of all patches of stride 8 of the parts, patch by patch.
    private static func patches(_ trunks: PatchTrunks, from seed: UInt64) throws -> [[Int8]] {
        let trunk = try trunks.trunk(size), width = trunk.taps[0].channels
        return (0..<UInt64(count)).flatMap { part in
            unsafe trunk.withInput { input in
                unsafe input.copyBytes(from: PatchFixture.part(seed + part, size))
            }
            trunk.run()
            let codes = trunk.codes(0)
            return stride(from: 0, to: codes.count, by: width).map { Array(codes[$0..<$0 + width]) }
        }
    }

    @Test("a bank keeps its own patches of the places that another teaching's bank keeps")
    func places() throws {
        let trunks = try PatchTrunks(PatchFixture.trunk(), kernels: KernelTable(.best), pool: TensorPool())
        // Other pictures stand for the other trunk: what they choose differs as well.
        let leader = try Self.teaching(trunks, from: 11), own = try Self.teaching(trunks, from: 1).bank()
        let led = try Self.teaching(trunks, from: 1, places: leader).bank()
        #expect(led.vectors[0].count == own.vectors[0].count && led.vectors[0] != own.vectors[0])
        let others = try Self.patches(trunks, from: 11), mine = try Self.patches(trunks, from: 1)
        let places = Dictionary(grouping: others.indices) { others[$0] }
        let chosen = try leader.bank().vectors[0], width = chosen.channels
        var checked = 0
        for first in stride(from: 0, to: chosen.codes.count, by: width) {
            // Equal patches do not tell their place.
            guard let known = places[Array(chosen.codes[first..<first + width])], known.count == 1 else {
                continue
            }
            #expect(Array(led.vectors[0].codes[first..<first + width]) == mine[known[0]])
            checked += 1
        }
        #expect(checked > chosen.count / 2)
    }

    @Test("a bank that is led by a teaching of the same patches is that teaching's")
    func same() throws {
        let trunks = try PatchTrunks(PatchFixture.trunk(), kernels: KernelTable(.best), pool: TensorPool())
        let leader = try Self.teaching(trunks, from: 1)
        #expect(try Self.teaching(trunks, from: 1, places: leader).bank() == leader.bank())
    }
}
