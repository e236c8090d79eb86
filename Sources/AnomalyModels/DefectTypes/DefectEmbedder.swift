package import Imaging
package import Inference
package import Kernels
package import ModelPackages

/// Describes the defects that a detector found, by a closer look at each. Allocates nothing after it was made; for the
/// thread of its detector.
package final class DefectEmbedder {
    private let means: [[Float]]
    private let detector: any ScoredPicture
    private let close: CloseLook
    /// The maps of the trunk that the head reads.
    private let taps: [Int]
    private var layers: EmbeddingLayers
    private var weights: [Float]
    private var pooled: [Float]
    /// The codes of the vector found last, -127...127: `DefectVector`'s.
    package var codes: [Int8] { layers.codes }

    /// The softmax of scores is this share of their deviation wide, at least `floor`.
    private static let softness: Float = 0.25
    private static let floor: Float = 0.02
    /// Cells of the detector's map, of two pixels, along a side of the window.
    private static let cells = CloseLook.window / 2

    /// nil if `head` is for other maps than the trunk in `package` has, or the detector's input is smaller than a window.
    /// With `float` the trunk looks in float32, which allocates: to see what int8 costs. Throws what `PatchTrunk` throws.
    package init?(
        _ head: EmbeddingHead, detector: any ScoredPicture, trunk package: ModelPackage,
        float: FloatSource? = nil, kernels: KernelTable, pool: TensorPool
    ) throws(ModelError) {
        guard min(detector.size.width, detector.size.height) >= CloseLook.window else { return nil }
        close = try CloseLook(
            package, extent: detector.size, float: float, kernels: kernels, pool: pool)
        let all = close.trunk.taps
        guard head.means.count <= all.count else { return nil }
        taps = Array(all.count - head.means.count..<all.count)
        guard zip(taps, head.means).allSatisfy({ all[$0].channels == $1.count }) else { return nil }
        (means, self.detector, layers) = (head.means, detector, EmbeddingLayers(head))
        let trunk = close.trunk
        weights = [Float](repeating: 0, count: taps.map { trunk.grid($0).pixelCount }.max() ?? 1)
        pooled = [Float](repeating: 0, count: head.inputs)
    }

    /// Keeps the picture in the detector's input; to be called before the run whose findings are described.
    /// Allocation-free.
    package func keep() { close.keep(detector) }

    /// Describes what the last run saw in `region`, cells of the detector's map. Fills `codes`. Allocation-free.
    ///
    /// - Precondition: `keep` was called for this run; `region` lies in the map and is not empty.
    package func describe(_ region: Region) {
        pool(region)
        EmbeddingHead.prepare(&pooled, means: means)
        layers.run(pooled)
    }

    /// The pooled patches of `region` and its extent: what a head is fitted to, before `EmbeddingHead.prepare`.
    package func pooled(_ region: Region) -> [Float] {
        pool(region)
        return pooled
    }

    private func pool(_ region: Region) {
        precondition(
            !region.isEmpty && region.x >= 0 && region.y >= 0
                && region.x + region.width <= detector.mapSize.width
                && region.y + region.height <= detector.mapSize.height, "\(region) in \(detector.mapSize)")
        let (left, top) = corner(of: region)
        close.look(left: 2 * left, top: 2 * top)
        var offset = 0
        for tap in taps {
            weigh(region, left, top, tap)
            offset = average(tap, offset)
        }
        (pooled[offset], pooled[offset + 1]) = Self.extent(of: region)
    }

    /// The longer side of a region and its area, each as about a fifth of its logarithm: 0 at 14 and 148 cells.
    static func extent(of region: Region) -> (Float, Float) {
        (
            (logarithm(region.width > region.height ? region.width : region.height) - 2.64) * 0.2,
            (logarithm(region.width * region.height) - 5) * 0.2
        )
    }

    /// The natural logarithm of a whole number of 1 or more, straight between powers of two: within 0.06, and the same on
    /// every machine.
    private static func logarithm(_ value: Int) -> Float {
        let value = Float(value)
        return (Float(value.exponent) + value.significand - 1) * 0.6931472
    }

    /// The upper left cell of the window about the middle of what is high in `region`.
    private func corner(of region: Region) -> (Int, Int) {
        let columns = detector.mapSize.width
        var lowest = Float.infinity, sum: Float = 0, across: Float = 0, down: Float = 0
        unsafe detector.withMap { map in
            for y in region.y..<region.y + region.height {
                for x in region.x..<region.x + region.width {
                    unsafe lowest = min(lowest, map[y * columns + x])  // in the region, which lies in the map
                }
            }
            for y in region.y..<region.y + region.height {
                for x in region.x..<region.x + region.width {
                    let weight = unsafe map[y * columns + x] - lowest  // as above
                    sum += weight
                    across += weight * (Float(x) + 0.5)
                    down += weight * (Float(y) + 0.5)
                }
            }
        }
        if sum <= 0 {
            sum = 1
            across = Float(region.x) + Float(region.width) / 2
            down = Float(region.y) + Float(region.height) / 2
        }
        let half = Self.cells / 2
        func start(_ middle: Float, _ length: Int) -> Int {
            max(0, min(Int(middle.rounded()) - half, length - Self.cells))
        }
        return (start(across / sum, columns), start(down / sum, detector.mapSize.height))
    }

    /// The weights of the patches of `tap`: exp(mean score / temperature) where the patch touches the region, else 0; alike
    /// where none does.
    private func weigh(_ region: Region, _ left: Int, _ top: Int, _ tap: Int) {
        let grid = close.trunk.grid(tap), cells = Self.cells / grid.width
        let columns = detector.mapSize.width
        var sum: Float = 0, squares: Float = 0, highest = -Float.infinity
        unsafe detector.withMap { map in
            for patch in 0..<grid.pixelCount {
                let (x, y) = (left + patch % grid.width * cells, top + patch / grid.width * cells)
                var total: Float = 0
                for row in y..<y + cells {
                    // The window lies in the map.
                    for column in x..<x + cells { unsafe total += map[row * columns + column] }
                }
                let mean = total / Float(cells * cells)
                weights[patch] = mean
                (sum, squares, highest) = (sum + mean, squares + mean * mean, max(highest, mean))
            }
        }
        let count = Float(grid.pixelCount)
        let variance = max(0, squares / count - (sum / count) * (sum / count))
        let temperature = max(Self.softness * variance.squareRoot(), Self.floor)
        var whole: Float = 0
        for patch in 0..<grid.pixelCount {
            let (x, y) = (left + patch % grid.width * cells, top + patch / grid.width * cells)
            let touches =
                x < region.x + region.width && region.x < x + cells && y < region.y + region.height
                && region.y < y + cells
            weights[patch] =
                touches ? Self.exponential((weights[patch] - highest) / temperature) : 0
            whole += weights[patch]
        }
        if whole <= 0 { for patch in 0..<grid.pixelCount { weights[patch] = 1 } }
    }

    /// e^x for x up to 0 to about six digits, by additions, products and bits alone: the same on every machine.
    static func exponential(_ x: Float) -> Float {
        guard x > -80 else { return 0 }
        let powers = x * 1.442695041, whole = powers.rounded(.toNearestOrEven)
        let f = (powers - whole) * 0.6931471806
        let value: Float = 1 + f * (1 + f * (0.5 + f * (0.16666667 + f * (0.041666667 + f * 0.0083333333))))
        return value * Float(bitPattern: UInt32(Int32(whole) + 127) << 23)
    }

    /// Writes the mean unit vector of the patches of `tap` under the weights, less the mean of all, from `offset` on.
    /// Returns where the next map begins.
    private func average(_ tap: Int, _ offset: Int) -> Int {
        let channels = close.trunk.taps[tap].channels
        let patches = unsafe close.trunk.patches(tap), depth = close.trunk.depth(tap)
        var whole: Float = 0
        for patch in unsafe 0..<patches.count { whole += weights[patch] }
        let even = unsafe 1 / Float(patches.count)
        unsafe pooled.withUnsafeMutableBufferPointer { pooled in
            for channel in 0..<channels { unsafe pooled[offset + channel] = 0 }
            for patch in unsafe 0..<patches.count {
                let factor = unsafe (weights[patch] / whole - even) * patches.scales[patch]
                // Rows of `depth` codes with 128 added; the last of them is the last that the trunk wrote.
                let codes = unsafe patches.codes + patch * depth
                for channel in 0..<channels {
                    unsafe pooled[offset + channel] += factor * (Float(codes[channel]) - 128)
                }
            }
        }
        return offset + channels
    }
}
