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

/// How rare each patch of an image is among the patches of the image at one stride, row-major.
package struct RarityMap {
    package let columns: Int
    package let rows: Int
    package let values: [Float]

    package init(columns: Int, rows: Int, values: [Float]) {
        (self.columns, self.rows, self.values) = (columns, rows, values)
    }
}

extension PatchRarity {
    /// The rarity of the patches of `trunk`'s last run at each of its taps, with the more neighbours.
    ///
    /// - Precondition: this was made of `trunk`.
    package func maps(of trunk: PatchTrunk) -> [RarityMap] {
        run()
        return trunk.taps.indices.map { index in
            let grid = trunk.grid(index)
            // Copied within the call for which the buffer is valid.
            let values = unsafe withMap(index, 1) { unsafe Array($0) }
            return RarityMap(columns: grid.width, rows: grid.height, values: values)
        }
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
    /// The mean vector under `weights`, one for each patch.
    package func pooled(_ weights: [Float]) -> [Float] {
        var sum = [Float](repeating: 0, count: channels)
        for (patch, weight) in weights.enumerated() where weight != 0 {
            for channel in 0..<channels { sum[channel] += weight * vectors[patch * channels + channel] }
        }
        return sum
    }
}
