import AnomalyModels
import CAllocationCounter
import Imaging
import Inference
import Kernels
import ModelPackages
import Testing

@Suite("the rarity of patches within one image")
struct PatchRarityTests {
    @Test("is highest at a blot on a part that was never seen before")
    func finds() throws {
        let scene = try Scene(PatchFixture.damaged(3))
        let map = unsafe scene.rarity.withMap(0, 0) { unsafe Array($0) }
        let most = try #require(map.indices.max { map[$0] < map[$1] })
        // The blot is at 40...57, 24...39 of the input.
        let across = scene.trunk.grid(0).width
        #expect(4...8 ~= most % across && 2...6 ~= most / across, "patch \(most)")
    }

    @Test("equals the mean distance to the nearest patches outside the neighbourhood, of a full sort")
    func definition() throws {
        let scene = try Scene(PatchFixture.damaged(2))
        for tap in scene.trunk.taps.indices {
            let vectors = scene.vectors(tap), across = scene.trunk.grid(tap).width
            let neighbours = scene.trunk.taps[tap].neighbours
            for (which, k) in [neighbours.few, neighbours.many].enumerated() {
                let map = unsafe scene.rarity.withMap(tap, which) { unsafe Array($0) }
                for (patch, value) in map.enumerated() {
                    let distances = vectors.indices.filter {
                        abs($0 / across - patch / across) > 1 || abs($0 % across - patch % across) > 1
                    }.map { other in 1 - zip(vectors[patch], vectors[other]).reduce(0) { $0 + $1.0 * $1.1 } }
                        .sorted()
                    let near = distances.prefix(k)
                    let expected = near.isEmpty ? 0 : near.reduce(0, +) / Double(near.count)
                    #expect(abs(Double(value) - expected) < 1e-5, "tap \(tap), \(k) nearest, patch \(patch)")
                }
            }
        }
    }

    @Test("has the same bits on every instruction set")
    func instructionSets() throws {
        let expected = try Scene(PatchFixture.damaged(5)).maps
        for instructions in InstructionSet.available {
            #expect(try Scene(PatchFixture.damaged(5), instructions).maps == expected, "\(instructions)")
        }
    }

    @Test("compares the patches of a large image with an even choice of them")
    func large() throws {
        let small = PatchFixture.damaged(3)
        let scene = try Scene(
            [UInt8](repeating: 90, count: 512 * 320 * 3), size: Size(width: 512, height: 320))
        #expect(scene.trunk.grid(0).pixelCount > PatchRarity.mostCandidates && !small.isEmpty)
        // A picture of one colour repeats itself everywhere but at its border.
        let map = unsafe scene.rarity.withMap(0, 0) { unsafe Array($0) }
        let middle = map[20 * 64 + 32]
        #expect(middle < 1e-3)
    }

    @Test("is computed without allocating")
    func allocations() throws {
        let scene = try Scene(PatchFixture.damaged(1))
        let before = ca_thread_allocations()
        for _ in 0..<3 { scene.rarity.run() }
        #expect(ca_thread_allocations() == before)
    }
}

/// An image whose patches have been compared.
private struct Scene {
    let trunk: PatchTrunk
    let rarity: PatchRarity

    init(
        _ image: [UInt8], _ instructions: InstructionSet = .best, size: Size = PatchFixture.size
    ) throws {
        let kernels = KernelTable(instructions)
        trunk = try PatchTrunk(PatchFixture.trunk(), size: size, kernels: kernels, pool: TensorPool())
        rarity = try PatchRarity(of: trunk, kernels: kernels)
        unsafe trunk.withInput { input in unsafe input.copyBytes(from: image) }
        trunk.run()
        rarity.run()
    }

    /// The patches of a tap as unit vectors.
    func vectors(_ tap: Int) -> [[Double]] {
        let rows = unsafe trunk.patches(tap), depth = trunk.depth(tap)
        return unsafe (0..<rows.count).map { patch in
            let codes = (0..<depth).map { unsafe Double(rows.codes[patch * depth + $0]) - 128 }
            let length = codes.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return codes.map { length > 0 ? $0 / length : 0 }
        }
    }

    var maps: [[Float]] {
        trunk.taps.indices.flatMap { tap in
            (0..<2).map { which in unsafe rarity.withMap(tap, which) { unsafe Array($0) } }
        }
    }
}
