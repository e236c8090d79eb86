package import Imaging
package import Inference
package import Kernels
package import ModelPackages
import Platform

/// The nearest-patch detector: a patch is as anomalous as it is far from every patch of the good parts
/// (Cohen and Hoshen 2020; Roth et al. 2022, without their averaging of neighbours).
///
/// Distance = that of unit vectors, sqrt(2 - 2 * cosine), to the nearest of the bank. Each tap gives a map of its own; the maps are
/// brought to half the input bilinearly and averaged with the weights of their taps, so that scores are in
/// 0...2. The score of an image is the mean of the highest hundredth of its map. All of it is the same to the
/// bit on every instruction set.
///
/// A bank by position is searched for what the tile has that was begun.
///
/// A bank with a `PatchFusion` gives scores of patches that also know how rare a patch is in its own picture, in
/// the same range, in place of the distances. One with a `SegmentationHead` adds what that says to the map.
@safe
package final class PatchDetector {
    /// Width and height of the input in pixels.
    package var size: Size { trunk.size }
    /// Width and height of the score map: half of the input.
    package let mapSize: Size
    package let trunk: PatchTrunk
    /// Of each tap, of each tile that is known by itself.
    private let banks: [[VectorBank]]
    /// The search of each, and the position of its first vector among all of the tap.
    private let searches: [[KernelCall]]
    private let starts: [[Int32]]
    private var tile = 0
    /// The resize of each tap.
    private let resizes: [KernelCall]
    private let memory: Memory
    private let grids: [UnsafeMutablePointer<Float>]
    private let maps: [UnsafeMutablePointer<Float>]
    private let scratch: UnsafeMutableRawPointer
    /// The nearest vectors of the tap that was searched last.
    private let nearest: UnsafeMutablePointer<Int32>
    private let topMean: TopMean
    private let fusion: Fusion?
    /// What was found of each patch, where someone wants to know.
    package let evidence: PatchEvidence?
    private let segmentation: SegmentationPass?
    private let text: TextPass?

    /// The trained part of a bank with a fusion, ready to run.
    private struct Fusion {
        let rarity: PatchRarity
        let units: [FusionUnits]
        /// Of each tap, the rarities of the vectors of its bank.
        let known: [[Float]]
    }

    /// Loads `bank` with its trunk from `package`, for images of `size`, which need not be the size that the
    /// bank was taught with. Blocks.
    ///
    /// Throws `otherTrunk` if the bank was made with another trunk, and what `PatchTrunk` throws.
    package convenience init(
        _ bank: PatchBank, trunk package: ModelPackage, size: Size, kernels: KernelTable, pool: TensorPool
    ) throws(ModelError) {
        try self.init(
            bank, on: PatchTrunk(package, size: size, kernels: kernels, pool: pool), kernels: kernels)
    }

    /// A detector on a trunk that others may use too: then they share its input, and one at a time runs. Blocks.
    ///
    /// Throws `otherTrunk` if the bank was made with another trunk, `weights` if there is no memory. With
    /// `keepsEvidence`, and a bank with a fusion, `evidence` is there after a run.
    package init(
        _ bank: PatchBank, on trunk: PatchTrunk, kernels: KernelTable, keepsEvidence: Bool = false
    ) throws(ModelError) {
        guard bank.trunk.digest == trunk.digest,
            bank.vectors.map(\.channels) == trunk.taps.map(\.channels)
        else {
            throw .otherTrunk(directory: trunk.directory, digest: trunk.digest, wanted: bank.trunk)
        }
        self.trunk = trunk
        let size = trunk.size
        let mapSize = Size(width: size.width / 2, height: size.height / 2)
        self.mapSize = mapSize
        topMean = TopMean(count: mapSize.pixelCount)
        fusion = try bank.fusion.map { fusion throws(ModelError) in
            Fusion(
                rarity: try PatchRarity(of: trunk, kernels: kernels),
                units: fusion.taps.map(FusionUnits.init),
                known: bank.vectors.map(\.rarities))
        }
        let wantsEvidence = bank.head != nil || keepsEvidence && bank.fusion != nil
        do {
            evidence =
                wantsEvidence
                ? try PatchEvidence(counts: trunk.taps.indices.map { trunk.grid($0).pixelCount }) : nil
            banks = try zip(bank.vectors, trunk.taps.indices).map { (vectors, index) throws(PlatformError) in
                try vectors.ranges.map { range throws(PlatformError) in
                    try VectorBank(vectors.padded(range), depth: trunk.depth(index), kernels: kernels)
                }
            }
            starts = bank.vectors.map { $0.ranges.map { Int32($0.lowerBound) } }
            memory = try Memory(byteCount: Self.layout(trunk, mapSize).byteCount)
        } catch {
            throw .weights(
                directory: trunk.directory, .outOfMemory(bytes: Self.layout(trunk, mapSize).byteCount))
        }
        segmentation = try bank.head.map { head throws(ModelError) in
            try SegmentationPass(head, bank, on: trunk, mapSize: mapSize, kernels: kernels)
        }
        text = try bank.text.map { text throws(ModelError) in
            try TextPass(text, on: trunk, mapSize: mapSize, kernels: kernels)
        }
        let layout = Self.layout(trunk, mapSize), base = unsafe memory.base
        unsafe grids = layout.grids.map { unsafe (base + $0).assumingMemoryBound(to: Float.self) }
        unsafe maps = layout.maps.map { unsafe (base + $0).assumingMemoryBound(to: Float.self) }
        unsafe scratch = base + layout.scratch
        let index = unsafe (base + layout.index).assumingMemoryBound(to: Int32.self)
        unsafe nearest = index
        let (grids, maps, banks) = unsafe (self.grids, self.maps, self.banks)
        searches = banks.indices.map { tap in
            banks[tap].map { bank in
                unsafe .nearest(trunk.patches(tap), in: bank, cosines: grids[tap], index: index)
            }
        }
        resizes = banks.indices.map { tap in
            unsafe .resize(
                kernels, grids[tap], height: trunk.grid(tap).height, width: trunk.grid(tap).width,
                to: maps[tap], height: mapSize.height, width: mapSize.width)
        }
    }

    deinit {
        for call in searches.joined() + resizes { call.destroy() }
    }

    /// The input: u8 RGB `[height, width, 3]`. Written by the caller before `run`.
    package func withInput<Result>(_ body: (UnsafeMutableRawBufferPointer) throws -> Result) rethrows
        -> Result
    {
        try unsafe trunk.withInput(body)
    }

    /// The input is tile `tile` of its region from now on, counted from 0. Without it, it is the first.
    ///
    /// - Precondition: a bank by position knows it.
    package func begin(tile: Int) {
        guard searches[0].count > 1 else { return }
        precondition(searches[0].indices ~= tile, "tile \(tile) of \(searches[0].count)")
        self.tile = tile
    }

    /// Scores the input: fills the map and returns the score of the image, 0...2. Allocation-free.
    package func run() -> Float {
        fillMap()
        return unsafe topMean.of(maps[0], looked: mapSize.pixelCount)
    }

    /// Scores the part of the input that `mask` leaves: a cell of the map whose byte is 0 becomes 0, and the
    /// score is the mean of the highest hundredth of the other cells, at least of one. 0 if none is left.
    /// Allocation-free.
    ///
    /// - Precondition: `mask` has a byte for each cell of the map, row-major.
    package func run(mask: UnsafePointer<UInt8>) -> Float {
        fillMap()
        let map = unsafe maps[0]
        var looked = 0
        for cell in 0..<mapSize.pixelCount {
            if unsafe mask[cell] == 0 { unsafe map[cell] = 0 } else { looked += 1 }
        }
        return unsafe topMean.of(map, looked: looked)
    }

    /// The codes of the patches of tap `tap` of the last run: see `PatchTrunk.codes`. Allocates.
    package func codes(_ tap: Int) -> [Int8] { trunk.codes(tap) }

    /// The margins of the patches of stride 8 of the last run; nil for a bank without a text.
    package var margins: UnsafeBufferPointer<Float>? { unsafe text?.margins }

    /// The logits of the segmentation head for the patches of stride 8 of the last run, less its centre.
    ///
    /// - Precondition: the bank has a head.
    var logits: UnsafeBufferPointer<Float> {
        guard let segmentation else { preconditionFailure("logits of no head") }
        return unsafe segmentation.said
    }

    private func fillMap() {
        trunk.run()
        fusion?.rarity.run()
        for tap in banks.indices {
            let search = searches[tap][tile]
            unsafe search.run(0..<search.unitCount, scratch: scratch)
            let grid = unsafe grids[tap], count = trunk.grid(tap).pixelCount
            for patch in 0..<count {
                unsafe grid[patch] = max(2 - 2 * grid[patch], 0).squareRoot()
            }
            if let fusion { fuse(tap, fusion) }
            unsafe resizes[tap].run(0..<resizes[tap].unitCount, scratch: scratch)
        }
        combine()
        if let text, let fusion { unsafe text.run(fusion.rarity, addingTo: maps[0]) }
        if let segmentation, let evidence { unsafe segmentation.run(evidence, addingTo: maps[0]) }
    }

    /// Makes scores of the distances of tap `tap`.
    private func fuse(_ tap: Int, _ fusion: Fusion) {
        let grid = unsafe grids[tap], units = fusion.units[tap], known = fusion.known[tap]
        let start = starts[tap][tile]
        unsafe fusion.rarity.withMap(tap, 1) { map in
            for patch in map.indices {
                // The search wrote the position of a vector among those of the tile.
                let position = unsafe start + nearest[patch], near = known[Int(position)]
                let distance = unsafe grid[patch], rare = unsafe PatchFusion.distance(map[patch])
                let score = units.score(distance, near, rare)
                unsafe grid[patch] = score
                evidence?.note(
                    tap, patch, distance: distance, nearest: position, known: near, rarity: rare, score: score
                )
            }
        }
    }

    /// Calls `body` with the score map of the last run, `[mapSize.height, mapSize.width]`, row-major.
    package func withMap<Result>(_ body: (UnsafeBufferPointer<Float>) throws -> Result) rethrows -> Result {
        try unsafe body(UnsafeBufferPointer(start: maps[0], count: mapSize.pixelCount))
    }

    /// The weighted mean of all maps, in the place of the first.
    private func combine() {
        let whole = trunk.taps.reduce(0) { $0 + $1.weight }
        let sum = unsafe maps[0]
        for tap in banks.indices {
            let share = trunk.taps[tap].weight / whole, map = unsafe maps[tap]
            if tap == 0 {
                for pixel in 0..<mapSize.pixelCount { unsafe sum[pixel] = share * map[pixel] }
            } else {
                for pixel in 0..<mapSize.pixelCount { unsafe sum[pixel] += share * map[pixel] }
            }
        }
    }

    /// Offsets of the buffers behind one another.
    private static func layout(_ trunk: PatchTrunk, _ mapSize: Size) -> (
        grids: [Int], maps: [Int], index: Int, scratch: Int, byteCount: Int
    ) {
        var end = 0
        func place(_ byteCount: Int) -> Int {
            defer { end += KernelTable.aligned(byteCount + KernelTable.overread) }
            return end
        }
        let counts = trunk.taps.indices.map { trunk.grid($0).pixelCount }
        let grids = counts.map { place(4 * $0) }
        let maps = counts.map { _ in place(4 * mapSize.pixelCount) }
        let index = place(4 * (counts.max() ?? 0))
        let widest = trunk.taps.indices.map { trunk.grid($0).width }.max() ?? 0
        let scratch = place(
            max(
                KernelCall.nearestScratchBytes,
                KernelCall.resizeScratchBytes(width: widest, outWidth: mapSize.width)))
        return (grids, maps, index, scratch, end)
    }
}

extension PatchDetector {
    /// The input for tiles of `tile` pixels over a region of the size `region`, sides in multiples of 32.
    ///
    /// A `tile` above 0 gives its native resolution: its side, or that of a smaller region, rounded up. 0 gives
    /// the whole region at about 256 * 256 pixels with its proportions kept, sides at least 64.
    /// - Precondition: `region` is valid and `tile` not negative.
    package static func inputSize(for region: Size, tile: Int) -> Size {
        precondition(region.isValid && tile >= 0, "tiles of \(tile) over \(region)")
        guard tile > 0 else { return keptProportions(region, area: 256 * 256) }
        let side = { (length: Int) in min(max((min(tile, length) + 31) / 32 * 32, 64), 4096) }
        return Size(width: side(region.width), height: side(region.height))
    }

    /// Sides in multiples of 32, 64...4096, of about `area` pixels and the proportions of `size`.
    package static func keptProportions(_ size: Size, area: Int) -> Size {
        let factor = (Double(area) / Double(size.pixelCount)).squareRoot()
        let side = { (length: Int) in min(32 * max(2, Int(Double(length) * factor / 32 + 0.5)), 4096) }
        return Size(width: side(size.width), height: side(size.height))
    }
}
