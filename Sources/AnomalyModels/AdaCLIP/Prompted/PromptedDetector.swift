package import Imaging
package import Inference
package import Kernels
package import ModelPackages
import Platform

/// AdaCLIP-E on a tower with tokens: one pass with prompts among the tokens, no text tower (see `PromptedHead`).
///
/// The map is the distance of rare patches where the head uses it, else 1, plus `mapWeight` times the margins, at half
/// the size of the input. The score of the image is the mean of the highest hundredth of the distances to the fewer
/// neighbours, or 1, plus `imageWeight` times S; at least 0. All of it is the same to the bit on every instruction set.
@safe
package final class PromptedDetector: MapDetector {
    package var size: Size { trunk.size }
    package let mapSize: Size
    package let trunk: PatchTrunk
    /// Tokens across and down.
    private let grid: Size
    private let margin: PromptedMargin
    private let rarity: (patches: PatchRarity, distance: RarityDistance, enlarge: KernelCall)?
    private let topMean: TopMean
    private let mapWeight: Float
    private let imageWeight: Float
    private let memory: Memory
    private let scratch: UnsafeMutableRawPointer
    private let map: UnsafeMutablePointer<Float>
    /// The margins at the map's size.
    private let raised: UnsafeMutablePointer<Float>
    private let raise: KernelCall

    /// Loads `head` for a class with the tower in `package`, for images of `size`. Blocks.
    ///
    /// Throws `otherTower` if the head was made in another tower, `inputSize` if the tower cannot read that size,
    /// `weights` if they do not fit or there is no memory.
    package init(
        _ head: PromptedHead, _ columns: ClassColumns, tower package: ModelPackage, size: Size,
        kernels: KernelTable, pool: TensorPool
    ) throws(ModelError) {
        guard head.tower.digest == package.digest.description else {
            throw .otherTower(
                directory: package.directory, digest: package.digest.description, wanted: head.tower)
        }
        let tower = try PromptedTower(package, kind: head.layout.kind, size: size)
        trunk = try tower.trunk(package, head, size: size, kernels: kernels, pool: pool)
        grid = tower.grid
        (mapWeight, imageWeight) = (head.mapWeight, head.imageWeight)
        let mapSize = Size(width: size.width / 2, height: size.height / 2)
        self.mapSize = mapSize
        let mapBytes = KernelTable.aligned(4 * mapSize.pixelCount + KernelTable.overread)
        let widest = max(grid.width, trunk.grid(0).width)
        let scratchBytes = KernelTable.aligned(
            KernelCall.resizeScratchBytes(width: widest, outWidth: mapSize.width))
        do { memory = try Memory(byteCount: scratchBytes + 2 * mapBytes) } catch {
            throw .weights(directory: trunk.directory, .outOfMemory(bytes: 2 * mapBytes))
        }
        unsafe scratch = memory.base
        // Both maps lie behind the scratch, and all three fit.
        unsafe map = (memory.base + scratchBytes).assumingMemoryBound(to: Float.self)
        unsafe raised = (memory.base + scratchBytes + mapBytes).assumingMemoryBound(to: Float.self)
        margin = try PromptedMargin(head, columns, on: trunk, tokens: grid.pixelCount, kernels: kernels)
        topMean = TopMean(count: trunk.grid(0).pixelCount)
        raise = unsafe .resize(
            kernels, margin.margins, height: grid.height, width: grid.width, to: raised,
            height: mapSize.height, width: mapSize.width)
        if head.usesRarity {
            let patches = try PatchRarity(of: trunk, kernels: kernels)
            let distance = try RarityDistance(patches, of: trunk, kernels: kernels)
            let enlarge = unsafe KernelCall.resize(
                kernels, distance.sum, height: trunk.grid(0).height, width: trunk.grid(0).width, to: map,
                height: mapSize.height, width: mapSize.width)
            rarity = (patches, distance, enlarge)
        } else {
            rarity = nil
        }
    }

    deinit {
        raise.destroy()
        rarity?.enlarge.destroy()
    }

    package func withInput<Result>(_ body: (UnsafeMutableRawBufferPointer) throws -> Result) rethrows
        -> Result
    {
        try unsafe trunk.withInput(body)
    }

    package func run() -> Float {
        trunk.run()
        return unsafe judge(isLooked: nil)
    }

    package func run(mask: UnsafePointer<UInt8>) -> Float {
        trunk.run()
        let score = unsafe judge(isLooked: mask)
        // A byte of the mask for each cell of the map.
        for cell in 0..<mapSize.pixelCount where unsafe mask[cell] == 0 { unsafe map[cell] = 0 }
        return score
    }

    package func withMap<Result>(_ body: (UnsafeBufferPointer<Float>) throws -> Result) rethrows -> Result {
        try unsafe body(UnsafeBufferPointer(start: map, count: mapSize.pixelCount))
    }

    /// m of each token of the last run, row-major: `[height / stride, width / stride]` of the tower.
    package func withMargins<Result>(_ body: (UnsafeBufferPointer<Float>) throws -> Result) rethrows -> Result
    {
        try unsafe body(UnsafeBufferPointer(start: margin.margins, count: grid.pixelCount))
    }

    /// The map and the score. A patch counts for the score if any of the cells of the map over it does.
    private func judge(isLooked mask: UnsafePointer<UInt8>?) -> Float {
        let base = unsafe begin(mask)
        margin.run()
        let cells = MaskedGrid(grid: grid, map: mapSize)
        let said = margin.score { patch in unsafe mask.map { unsafe cells.counts(patch, $0) } ?? true }
        unsafe raise.run(0..<raise.unitCount, scratch: scratch)
        for cell in 0..<mapSize.pixelCount { unsafe map[cell] += mapWeight * raised[cell] }
        return max(base + imageWeight * said, 0)
    }

    /// Fills the map with what is there without a word, and returns what that says of the image.
    private func begin(_ mask: UnsafePointer<UInt8>?) -> Float {
        guard let (patches, distance, enlarge) = rarity else {
            unsafe map.update(repeating: 1, count: mapSize.pixelCount)
            guard let mask = unsafe mask else { return 1 }
            return (0..<mapSize.pixelCount).contains { unsafe mask[$0] != 0 } ? 1 : 0
        }
        let cells = MaskedGrid(grid: trunk.grid(0), map: mapSize), count = cells.grid.pixelCount
        patches.run()
        distance.fill(0)
        var looked = count
        if let mask = unsafe mask {
            looked = 0
            for patch in 0..<count {
                if unsafe cells.counts(patch, mask) { looked += 1 } else { unsafe distance.sum[patch] = 0 }
            }
        }
        let base = unsafe topMean.of(distance.sum, looked: looked)
        distance.fill(1)
        unsafe enlarge.run(0..<enlarge.unitCount, scratch: scratch)
        return base
    }
}
