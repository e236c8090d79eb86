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

extension RarityMap {
    /// The rarity of the patches at each stride, finest first, on the finest grid, where it counts twice, as in the
    /// score map.
    ///
    /// - Precondition: there is a map, and none is larger than the first.
    package init(joining maps: [RarityMap]) {
        precondition(!maps.isEmpty, "no map of rarity")
        let (columns, rows) = (maps[0].columns, maps[0].rows)
        var sum = [Float](repeating: 0, count: columns * rows)
        for (index, map) in maps.enumerated() {
            let part = Self.stretched(map.values, map.columns, map.rows, to: columns, rows)
            for place in sum.indices { sum[place] += (index == 0 ? 2 : 1) * part[place] }
        }
        self.init(columns: columns, rows: rows, values: sum)
    }

    /// The mean of maps of one grid.
    ///
    /// - Precondition: there is a map.
    package init(meanOf maps: [RarityMap]) {
        precondition(!maps.isEmpty, "no map of rarity")
        var sum = [Float](repeating: 0, count: maps[0].values.count)
        for map in maps { for (place, value) in map.values.enumerated() { sum[place] += value } }
        self.init(
            columns: maps[0].columns, rows: maps[0].rows, values: sum.map { $0 / Float(maps.count) })
    }

    /// Bilinear, pixel centres at halves.
    private static func stretched(
        _ values: [Float], _ columns: Int, _ rows: Int, to width: Int, _ height: Int
    ) -> [Float] {
        func places(_ count: Int, _ target: Int) -> [(Int, Int, Float)] {
            (0..<target).map { index in
                let place = (Float(index) + 0.5) * Float(count) / Float(target) - 0.5
                let low = max(0, min(Int(max(place, 0)), count - 1))
                return (low, min(low + 1, count - 1), max(0, min(1, place - Float(low))))
            }
        }
        let across = places(columns, width), down = places(rows, height)
        return down.flatMap { top, bottom, v in
            across.map { left, right, u in
                let upper = values[top * columns + left] * (1 - u) + values[top * columns + right] * u
                let lower = values[bottom * columns + left] * (1 - u) + values[bottom * columns + right] * u
                return upper * (1 - v) + lower * v
            }
        }
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
