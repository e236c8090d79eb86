/// A feature map of a trunk whose pixels describe patches.
package struct PatchTap: Sendable, Hashable {
    /// What banks and reports call it: "s8".
    package let name: String
    /// The block after whose residual add it is taken, counted from 0.
    package let block: Int
    /// Pixels of the image from one patch to the next.
    package let stride: Int
    /// The numbers that describe a patch.
    package let channels: Int
    /// The most vectors that a bank keeps.
    package let capacity: Int
    /// What its distances count in the score map.
    package let weight: Float

    /// What the graph calls the map.
    package var output: String { "block\(block)" }
}

extension EfficientNetLite {
    /// The maps at stride 8, 16 and 32 (METHODS.md 2.2 b): the ends of stages 3, 5 and 6.
    ///
    /// Capacities and weights are those of EXPERIMENTS.md section 1.
    package var patchTaps: [PatchTap] {
        let blocks = blocks
        // A stage ends where the next block has other channels or another stride.
        let ends = blocks.indices.filter {
            $0 + 1 == blocks.count || blocks[$0 + 1].stride == 2 || !blocks[$0 + 1].hasResidual
        }
        return [(2, "s8", 8, 4000, 2), (4, "s16", 16, 4000, 1), (5, "s32", 32, 2048, 1)].map {
            stage, name, stride, capacity, weight in
            PatchTap(
                name: name, block: ends[stage], stride: stride, channels: blocks[ends[stage]].outputChannels,
                capacity: capacity, weight: weight)
        }
    }
}
