import Imaging
import Inference
import Kernels
import Platform

/// The patches of stride 8 in the common space of patches and sentences: their margins for one class.
///
/// The taps are multiplied in int8 where they lie, brought to the finest grid, added and rectified; the folded
/// projection of the head gives margin and length in one float product.
@safe
final class PatchEmbedding {
    /// c of each patch, row-major, of the last run.
    let margins: UnsafeMutablePointer<Float>
    private let trunk: PatchTrunk
    private let hidden: Int
    private let memory: Memory
    private let scratch: UnsafeMutableRawPointer
    private let banks: [PackedVectors]
    private let products: [KernelCall]
    private let raises: [KernelCall]
    /// The taps times their weights at their own grids, `[patches, hidden]`.
    private let taps: [UnsafeMutablePointer<Float>]
    /// The taps at the finest grid, `[patches, hidden]`; h with its 1, `[patches, hidden + 1]`; what the folded
    /// projection gives, `[patches, hidden + 2]`.
    private let raised: [UnsafeMutablePointer<Float>]
    private let inner: UnsafeMutablePointer<Float>
    private let folded: UnsafeMutablePointer<Float>
    /// The margins that count for a picture.
    private let seen: UnsafeMutablePointer<Float>
    private let topMean: TopMean
    /// By map of rarities, `[hidden]`.
    private let rarityWeights: [[Float]]
    private let bias: [Float]
    private let project: KernelCall

    init(_ margin: ClassMargin, on trunk: PatchTrunk, kernels: KernelTable) throws(ModelError) {
        precondition(margin.channels == trunk.taps.map(\.channels), "a margin of other taps")
        let head = margin
        (self.trunk, hidden) = (trunk, head.hidden)
        let rarityWeight = head["rarity.weight"], rows = 0..<head.hidden
        rarityWeights = (0..<ZeroShotHead.rarities).map { column in
            rows.map { rarityWeight[$0 * ZeroShotHead.rarities + column] }
        }
        bias = head["bias"]
        topMean = TopMean(count: trunk.grid(0).pixelCount)
        let hidden = head.hidden, grid = trunk.grid(0), patches = grid.pixelCount
        let stride = KernelTable.padded(hidden + 2)
        let taps = trunk.taps.indices
        let floats =
            taps.map { trunk.grid($0).pixelCount * hidden } + taps.dropFirst().map { _ in patches * hidden }
            + [patches * (hidden + 1), patches * (hidden + 2), (hidden + 1) * stride, patches, patches]
        let places = floats.map { KernelTable.aligned(4 * $0 + KernelTable.overread) }
        let scratchBytes = KernelTable.aligned(
            KernelCall.resizeScratchBytes(width: grid.width, outWidth: grid.width) * hidden + 4096)
        do {
            memory = try Memory(byteCount: scratchBytes + places.reduce(0, +))
            unsafe banks = try taps.map { tap throws(PlatformError) in
                try unsafe Self.bank(
                    head["\(trunk.taps[tap].name).weight"], rows: hidden, channels: trunk.taps[tap].channels,
                    depth: trunk.depth(tap), kernels)
            }
        } catch { throw .weights(directory: trunk.directory, .outOfMemory(bytes: places.reduce(0, +))) }
        unsafe scratch = memory.base
        var next = unsafe memory.base + scratchBytes
        var buffers: [UnsafeMutablePointer<Float>] = unsafe []
        for place in places {
            // Each buffer has room for its floats and what kernels read behind them.
            unsafe buffers.append(next.assumingMemoryBound(to: Float.self))
            unsafe next += place
        }
        let count = taps.count
        unsafe self.taps = Array(buffers[..<count])
        unsafe raised = [buffers[0]] + Array(buffers[count..<2 * count - 1])
        unsafe (inner, folded) = unsafe (buffers[2 * count - 1], buffers[2 * count])
        let weight = unsafe buffers[2 * count + 1]
        unsafe margins = buffers[2 * count + 2]
        unsafe seen = buffers[2 * count + 3]
        let matrix = head["folded"]
        for row in 0...hidden {
            for column in 0..<hidden + 2 {
                unsafe weight[row * stride + column] = matrix[row * (hidden + 2) + column]
            }
        }
        let (banks, raised, inner, folded) = unsafe (self.banks, self.raised, self.inner, self.folded)
        products = taps.map { tap in
            unsafe .products(trunk.patches(tap), with: banks[tap], products: buffers[tap])
        }
        raises = taps.dropFirst().map { tap in
            unsafe .resize(
                kernels, buffers[tap], height: trunk.grid(tap).height, width: trunk.grid(tap).width,
                channels: hidden, to: raised[tap], height: grid.height, width: grid.width)
        }
        project = unsafe .floatProduct(
            kernels, inner, rows: patches, depth: hidden + 1, weight: weight, stride: stride,
            columns: hidden + 2, out: folded)
    }

    deinit {
        for call in products + raises + [project] { call.destroy() }
    }

    /// Fills the margins from the trunk's patches and their rarity. Allocation-free.
    func run(_ rarity: PatchRarity) {
        for call in products { unsafe call.run(0..<call.unitCount, scratch: scratch) }
        for tap in unsafe taps.indices { add(rarity, to: tap) }
        for call in raises { unsafe call.run(0..<call.unitCount, scratch: scratch) }
        rectify()
        unsafe project.run(0..<project.unitCount, scratch: scratch)
        for patch in 0..<trunk.grid(0).pixelCount {
            let row = unsafe folded + patch * (hidden + 2)
            // Eight sums side by side: one would wait for itself.
            var squares = SIMD8<Float>.zero, index = 1
            while index + 8 <= hidden + 2 {
                let eight = unsafe UnsafeRawPointer(row + index).loadUnaligned(as: SIMD8<Float>.self)
                squares += eight * eight
                index += 8
            }
            var square = squares.total
            while index < hidden + 2 {
                unsafe square += row[index] * row[index]
                index += 1
            }
            unsafe margins[patch] = row[0] / max(square.squareRoot(), 1e-12)
        }
    }

    /// The mean of the highest hundredth of the margins of the patches that `isLooked` lets count. 0 if none counts.
    /// Allocation-free.
    func peakMargin(where isLooked: (Int) -> Bool) -> Float {
        var count = 0
        for patch in 0..<trunk.grid(0).pixelCount {
            let counts = isLooked(patch)
            count += counts ? 1 : 0
            unsafe seen[patch] = counts ? margins[patch] : -.infinity
        }
        return unsafe topMean.of(seen, looked: count)
    }

    /// Adds what the rarities of `tap` say to its products.
    private func add(_ rarity: PatchRarity, to tap: Int) {
        let target = unsafe taps[tap]
        for which in 0..<2 {
            let weights = rarityWeights[2 * tap + which]
            unsafe rarity.withMap(tap, which) { map in
                for patch in map.indices {
                    let root = unsafe (2 * map[patch]).squareRoot(), row = unsafe target + patch * hidden
                    // The products of a tap have `hidden` floats for each patch of its map.
                    for index in weights.indices { unsafe row[index] += root * weights[index] }
                }
            }
        }
    }

    /// h = ReLU of the sum of the taps and the bias, and its 1.
    private func rectify() {
        let hidden = hidden, bias = bias, raised = unsafe raised
        for patch in 0..<trunk.grid(0).pixelCount {
            let target = unsafe inner + patch * (hidden + 1)
            for index in bias.indices { unsafe target[index] = bias[index] }
            for map in unsafe raised.indices {
                let row = unsafe raised[map] + patch * hidden
                for index in 0..<hidden { unsafe target[index] += row[index] }
            }
            for index in 0..<hidden { unsafe target[index] = target[index] > 0 ? target[index] : 0 }
            unsafe target[hidden] = 1
        }
    }

    /// The rows of a float matrix as vectors of int8, each with its length.
    private static func bank(
        _ weight: [Float], rows: Int, channels: Int, depth: Int, _ kernels: KernelTable
    ) throws(PlatformError) -> PackedVectors {
        let bank = unsafe try PackedVectors(count: rows, depth: depth, kernels: kernels)
        var codes = [Int8](repeating: 0, count: KernelTable.padded(rows) * depth), lengths: [Float] = []
        for row in 0..<rows {
            let values = weight[row * channels..<(row + 1) * channels]
            let largest = values.reduce(0) { max($0, abs($1)) }
            lengths.append(
                Float(values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()))
            guard largest > 0 else { continue }
            for (index, value) in values.enumerated() {
                codes[row * depth + index] = Int8((value / largest * 127).rounded(.toNearestOrEven))
            }
        }
        // As many codes as the bank has columns of its depth.
        unsafe codes.withUnsafeBufferPointer { unsafe bank.fill(with: $0.baseAddress!) }
        unsafe bank.stretch(lengths)
        return unsafe bank
    }
}
