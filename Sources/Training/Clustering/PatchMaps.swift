package import AnomalyModels
internal import Imaging
internal import Kernels

/// The patches of an image at one stride: unit vectors, row-major from the top left.
package struct PatchMap {
    package let columns: Int
    package let rows: Int
    package let channels: Int
    /// `[rows * columns, channels]`.
    package let vectors: [Float]

    package init(columns: Int, rows: Int, channels: Int, vectors: [Float]) {
        (self.columns, self.rows, self.channels, self.vectors) = (columns, rows, channels, vectors)
    }
}

extension PatchTrunk {
    /// The patches of the last run at tap `index`.
    package func map(_ index: Int) -> PatchMap {
        let patches = unsafe patches(index), depth = depth(index), channels = taps[index].channels
        var vectors = [Float](repeating: 0, count: grid(index).pixelCount * channels)
        for patch in unsafe 0..<patches.count {
            let scale = unsafe patches.scales[patch]
            for channel in 0..<channels {
                // Rows of `depth` codes with 128 added; the last of them is the last that the trunk wrote.
                let code = unsafe Float(patches.codes[patch * depth + channel]) - 128
                vectors[patch * channels + channel] = code * scale
            }
        }
        return PatchMap(
            columns: grid(index).width, rows: grid(index).height, channels: channels, vectors: vectors)
    }
}

extension PatchMap {
    /// How unlike the rest of its own image each patch is: the mean of 1 - cosine to the `share` of the other patches
    /// that are nearest to it, its eight neighbours left out. Needs no training and no good part.
    package func rarity(share: Double) -> [Float] {
        let count = rows * columns
        let unit = UnitRows(vectors, width: channels)
        let cosines = unit.cosines(with: unit)
        let kept = max(1, Int(share * Double(count)))
        var best = [Float](repeating: 0, count: kept)
        return (0..<count).map { patch in
            let (y, x) = (patch / columns, patch % columns)
            for index in best.indices { best[index] = -2 }
            for other in 0..<count {
                let value = cosines[patch * count + other]
                guard value > best[kept - 1], abs(other / columns - y) > 1 || abs(other % columns - x) > 1
                else { continue }
                var place = kept - 1
                while place > 0, value > best[place - 1] {
                    best[place] = best[place - 1]
                    place -= 1
                }
                best[place] = value
            }
            return 1 - best.reduce(0, +) / Float(kept)
        }
    }

    /// The mean vector under `weights`, one for each patch.
    package func pooled(_ weights: [Float]) -> [Float] {
        var sum = [Float](repeating: 0, count: channels)
        for (patch, weight) in weights.enumerated() where weight != 0 {
            for channel in 0..<channels { sum[channel] += weight * vectors[patch * channels + channel] }
        }
        return sum
    }
}
