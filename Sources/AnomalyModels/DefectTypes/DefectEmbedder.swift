package import Imaging
import Kernels

/// Describes the defects that a detector found, from the patches that it computed anyway. Allocates nothing after it
/// was made; for the thread of its detector.
package final class DefectEmbedder {
    private let head: EmbeddingHead
    private let detector: any MapDetector
    /// The maps of the trunk that the head reads.
    private let taps: [Int]
    /// The head's axes, `[inputs, width]`: one input's share of all numbers lies together.
    private let columns: [Float]
    private var weights: [Float]
    private var pooled: [Float]
    /// The mean unit vector of all patches, map behind map: of the picture that `begin` was called for.
    private var ground: [Float]
    private var vector: [Float]
    /// The codes of the vector found last, -127...127: `DefectVector`'s.
    package private(set) var codes: [Int8]

    /// The softmax of a region's scores is this share of their deviation wide, at least `floor`.
    private static let softness: Float = 0.25
    private static let floor: Float = 0.02

    /// nil if `head` is for other maps than the detector has.
    package init?(_ head: EmbeddingHead, detector: any MapDetector) {
        let all = detector.trunk.taps
        guard head.means.count <= all.count else { return nil }
        taps = Array(all.count - head.means.count..<all.count)
        guard zip(taps, head.means).allSatisfy({ all[$0].channels == $1.count }) else { return nil }
        (self.head, self.detector) = (head, detector)
        columns = (0..<head.inputs).flatMap { input in
            (0..<head.width).map { head.axes[$0 * head.inputs + input] }
        }
        weights = [Float](repeating: 0, count: taps.map { detector.trunk.grid($0).pixelCount }.max() ?? 1)
        pooled = [Float](repeating: 0, count: head.inputs)
        ground = [Float](repeating: 0, count: head.inputs)
        vector = [Float](repeating: 0, count: head.width)
        codes = [Int8](repeating: 0, count: head.width)
    }

    /// Begins with the picture of the detector's last run. Allocation-free.
    package func begin() {
        guard head.contrast > 0 else { return }
        for index in weights.indices { weights[index] = 1 }
        for place in taps.indices { average(place) }
        for index in ground.indices { ground[index] = head.contrast * pooled[index] }
    }

    /// Describes what the last run saw in `region`, cells of the detector's map. Fills `codes`. Allocation-free.
    ///
    /// - Precondition: `begin` was called for this run; `region` lies in the map and is not empty.
    package func describe(_ region: Region) {
        precondition(
            !region.isEmpty && region.x >= 0 && region.y >= 0
                && region.x + region.width <= detector.mapSize.width
                && region.y + region.height <= detector.mapSize.height, "\(region) in \(detector.mapSize)")
        var offset = 0
        for (place, tap) in taps.enumerated() {
            weigh(region, tap)
            average(place)
            offset = shorten(offset, less: head.means[place])
        }
        project()
    }

    /// The weights of the patches of `tap`: exp(mean score in the region / temperature) times the share of the patch
    /// that the region covers.
    private func weigh(_ region: Region, _ tap: Int) {
        let grid = detector.trunk.grid(tap), cells = detector.trunk.taps[tap].stride / 2
        let columns = detector.mapSize.width
        for index in 0..<grid.pixelCount { weights[index] = -1 }
        var sum: Float = 0, squares: Float = 0, count: Float = 0, top: Float = 0
        let right = region.x + region.width, bottom = region.y + region.height
        unsafe detector.withMap { map in
            for row in region.y / cells...(bottom - 1) / cells {
                for column in region.x / cells...(right - 1) / cells {
                    var total: Float = 0
                    for y in max(region.y, row * cells)..<min(bottom, (row + 1) * cells) {
                        for x in max(region.x, column * cells)..<min(right, (column + 1) * cells) {
                            unsafe total += map[y * columns + x]  // in the region, which lies in the map
                        }
                    }
                    // Averaged over the whole patch: one that the region only touches counts little.
                    let mean = total / Float(cells * cells)
                    weights[row * grid.width + column] = mean
                    (sum, squares, count, top) = (
                        sum + mean, squares + mean * mean, count + 1, max(top, mean)
                    )
                }
            }
        }
        let variance = max(0, squares / count - (sum / count) * (sum / count))
        let temperature = max(Self.softness * variance.squareRoot(), Self.floor)
        for index in 0..<grid.pixelCount {
            weights[index] = weights[index] < 0 ? 0 : Self.exponential((weights[index] - top) / temperature)
        }
    }

    /// e^x for x up to 0 to about six digits, by additions, products and bits alone: the same on every machine.
    static func exponential(_ x: Float) -> Float {
        guard x > -80 else { return 0 }
        let powers = x * 1.442695041, whole = powers.rounded(.toNearestOrEven)
        let f = (powers - whole) * 0.6931471806
        let value: Float = 1 + f * (1 + f * (0.5 + f * (0.16666667 + f * (0.041666667 + f * 0.0083333333))))
        return value * Float(bitPattern: UInt32(Int32(whole) + 127) << 23)
    }

    /// The mean unit vector of the patches of the map at `place` under the weights.
    private func average(_ place: Int) {
        let tap = taps[place], channels = head.means[place].count
        var offset = 0
        for earlier in 0..<place { offset += head.means[earlier].count }
        let patches = unsafe detector.trunk.patches(tap), depth = detector.trunk.depth(tap)
        unsafe pooled.withUnsafeMutableBufferPointer { pooled in
            for channel in 0..<channels { unsafe pooled[offset + channel] = 0 }
            var whole: Float = 0
            for patch in unsafe 0..<patches.count where weights[patch] > 0 {
                whole += weights[patch]
                let factor = unsafe weights[patch] * patches.scales[patch]
                // Rows of `depth` codes with 128 added; the last of them is the last that the trunk wrote.
                let codes = unsafe patches.codes + patch * depth
                for channel in 0..<channels {
                    unsafe pooled[offset + channel] += factor * (Float(codes[channel]) - 128)
                }
            }
            let share = whole > 0 ? 1 / whole : 0
            for channel in 0..<channels { unsafe pooled[offset + channel] *= share }
        }
    }

    /// Takes the ground and `mean` off the numbers from `offset` on, and brings them to length 1. Returns where the next
    /// map begins.
    private func shorten(_ offset: Int, less mean: [Float]) -> Int {
        var square: Float = 0
        for channel in mean.indices {
            let value = pooled[offset + channel] - ground[offset + channel] - mean[channel]
            pooled[offset + channel] = value
            square += value * value
        }
        let factor = square > 1e-12 ? 1 / square.squareRoot() : 0
        for channel in mean.indices { pooled[offset + channel] *= factor }
        return offset + mean.count
    }

    private func project() {
        let width = head.width
        unsafe vector.withUnsafeMutableBufferPointer { vector in
            for axis in 0..<width { unsafe vector[axis] = 0 }
            unsafe columns.withUnsafeBufferPointer { columns in
                for input in pooled.indices {
                    let value = pooled[input] - head.offset[input]
                    // `columns` has a row of `width` for each input.
                    for axis in 0..<width { unsafe vector[axis] += value * columns[input * width + axis] }
                }
            }
        }
        var square: Float = 0
        for axis in 0..<width { square += vector[axis] * vector[axis] }
        let factor = square > 1e-12 ? 127 / square.squareRoot() : 0
        for axis in 0..<width {
            codes[axis] = Int8(clamping: Int((vector[axis] * factor).rounded(.toNearestOrEven)))
        }
    }
}

extension DefectEmbedder {
    /// The pooled patches of `region` without a head, for fitting one: the maps behind one another, less `contrast` of
    /// the ground and each of its own length. Allocates.
    package static func pooled(
        _ region: Region, of detector: any MapDetector, maps: Int, contrast: Float
    ) -> [[Float]] {
        let channels = detector.trunk.taps.suffix(maps).map(\.channels)
        let inputs = channels.reduce(0, +)
        let head = EmbeddingHead(
            width: 1, contrast: contrast, similarity: 0.7,
            means: channels.map { [Float](repeating: 0, count: $0) },
            offset: [Float](repeating: 0, count: inputs), axes: [Float](repeating: 0, count: inputs))
        guard let embedder = DefectEmbedder(head, detector: detector) else { return [] }
        embedder.begin()
        embedder.describe(region)
        var start = 0
        return channels.map { count in
            defer { start += count }
            return Array(embedder.pooled[start..<start + count])
        }
    }
}
