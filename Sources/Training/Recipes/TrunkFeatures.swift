package import AnomalyModels
package import Imaging
import Inference
package import Kernels
package import ModelPackages

/// What a frozen trunk says of a picture, as inspection reads it.
package struct PictureFeatures: Sendable {
    /// Of each tap the codes of its patches, `[height, width, channels]`: a unit vector once divided by their
    /// length.
    package var codes: [[Int8]]
    /// Of each tap the rarity of its patches with fewer and with more neighbours, `[2, height, width]`.
    package var rarities: [[Float]]
}

/// A frozen EfficientNet-Lite as training reads it: the patches of the runtime that inspects.
package final class TrunkFeatures {
    package let side: Int
    package let trunk: PatchTrunk
    private let rarity: PatchRarity

    /// Compiles the trunk in `package` for pictures of `side` x `side` pixels. Blocks. Throws what `PatchTrunk`
    /// throws.
    package init(_ package: ModelPackage, side: Int, kernels: KernelTable) throws(ModelError) {
        self.side = side
        trunk = try PatchTrunk(
            package, size: Size(width: side, height: side), kernels: kernels, pool: TensorPool())
        rarity = try PatchRarity(of: trunk, kernels: kernels)
    }

    package var taps: [PatchTap] { trunk.taps }

    /// The features of `image`, which has `side` x `side` pixels. Allocates.
    package func of(_ image: RGBImage) -> PictureFeatures {
        precondition(image.size == trunk.size, "a picture of \(image.size)")
        // As many bytes as the trunk's input, by the precondition.
        unsafe trunk.withInput { input in unsafe input.copyBytes(from: image.pixels) }
        trunk.run()
        rarity.run()
        return PictureFeatures(
            codes: taps.indices.map { tap in trunk.codes(tap) },
            rarities: taps.indices.map { tap in
                (0..<2).flatMap { which in unsafe rarity.withMap(tap, which) { unsafe Array($0) } }
            })
    }
}
