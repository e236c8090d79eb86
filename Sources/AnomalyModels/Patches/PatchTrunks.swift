package import Imaging
package import Inference
package import Kernels
package import ModelPackages

/// One trunk in the sizes that were asked for, each compiled once. For one thread.
package final class PatchTrunks {
    package let package: ModelPackage
    package let kernels: KernelTable
    /// Weights to run it in float32; nil for int8, as inspections do.
    private let float: FloatSource?
    private let pool: TensorPool
    private var trunks: [Size: PatchTrunk] = [:]
    private var rarities: [Size: PatchRarity] = [:]

    /// The trunk in `package`, with `float` in float32. Compiles nothing yet.
    package init(_ package: ModelPackage, float: FloatSource? = nil, kernels: KernelTable, pool: TensorPool) {
        (self.package, self.float) = (package, float)
        self.kernels = kernels
        self.pool = pool
    }

    /// The trunk for images of `size`. Blocks the first time. Throws what `PatchTrunk` throws.
    package func trunk(_ size: Size) throws(ModelError) -> PatchTrunk {
        if let known = trunks[size] { return known }
        let made = try PatchTrunk(package, size: size, float: float, kernels: kernels, pool: pool)
        trunks[size] = made
        return made
    }

    /// The rarity of the patches of `trunk(size)`. Blocks the first time. Throws what `PatchRarity` throws.
    package func rarity(_ size: Size) throws(ModelError) -> PatchRarity {
        if let known = rarities[size] { return known }
        let made = try PatchRarity(of: trunk(size), kernels: kernels)
        rarities[size] = made
        return made
    }
}
