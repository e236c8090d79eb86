/// A feature map of a trunk whose pixels describe patches.
package struct PatchTap: Sendable, Hashable {
    /// What banks and reports call it: "s8".
    package let name: String
    /// What the graph calls the map: one with a row for each patch.
    package let output: String
    /// Rows of the map in front of the patches: the class token of a vision transformer.
    package let tokens: Int
    /// Pixels of the image from one patch to the next.
    package let stride: Int
    /// The numbers that describe a patch.
    package let channels: Int
    /// The most vectors that a bank keeps, of each tile where it knows each by itself.
    package let capacity: Int
    /// What its distances count in the score map.
    package let weight: Float

    /// How many patches count for the rarity of one, fewer and more: as many as such patches have.
    package var neighbours: (few: Int, many: Int) {
        stride <= 8 ? (5, 20) : stride <= 16 ? (2, 5) : (1, 3)
    }
}

extension EfficientNetLite {
    /// The maps at stride 8, 16 and 32 (METHODS.md 2.2 b): the ends of stages 3, 5 and 6.
    ///
    /// Weights and capacities are those of EXPERIMENTS.md section 1, but half as many at stride 16, which find as much.
    package var patchTaps: [PatchTap] {
        let sizes: [(stride: Int, capacity: Int, weight: Float)] = [
            (8, 4000, 2), (16, 2000, 1), (32, 2048, 1),
        ]
        return zip(sizes, zip(PatchTap.trunkNames, tapBlocks)).map { size, tap in
            PatchTap(
                name: tap.0, output: "block\(tap.1)", tokens: 0, stride: size.stride,
                channels: blocks[tap.1].outputChannels, capacity: size.capacity, weight: size.weight)
        }
    }

    /// The blocks after whose residual add they are taken, counted from 0.
    package var tapBlocks: [Int] {
        let blocks = blocks
        // A stage ends where the next block has other channels or another stride.
        let ends = blocks.indices.filter {
            $0 + 1 == blocks.count || blocks[$0 + 1].stride == 2 || !blocks[$0 + 1].hasResidual
        }
        return [2, 4, 5].map { ends[$0] }
    }
}

extension Architecture.Clip.Vision {
    /// The blocks already run at the taps of VTF-R (METHODS.md 4.3): a half, three quarters and all of them.
    package var patchTapBlocks: [Int] { Array(defaultTaps.dropFirst()) }

    /// The patch tokens there, all on one grid.
    package var patchTaps: [PatchTap] {
        zip(PatchTap.towerNames, patchTapBlocks).map { name, block in
            PatchTap(
                name: name, output: "vision.tap\(block)", tokens: 1, stride: patch, channels: width,
                capacity: 2048, weight: 1)
        }
    }
}

extension PatchTap {
    /// What the taps of a trunk are called, those of an EfficientNet and those of a vision transformer.
    static let trunkNames = ["s8", "s16", "s32"]
    static let towerNames = ["tap1", "tap2", "tap3"]
}
