import AnomalyModels

/// Pictures for a step of `LiteVLNetwork`.
package struct LiteVLBatch: Sendable {
    package let count: Int
    /// Standardised maps: `[count, tokens, 160]` of stride 8, the four pixels of a token side by side, `[count, tokens,
    /// 112]` of stride 16, `[count, side, side, 192]` of stride 32.
    package var maps: [[Float]] = [[], [], []]
    /// Standardised means of the maps, `[count, channels]` each.
    package var means: [[Float]] = [[], [], []]
    /// What the trunk's classifier says in the space of sentences, `[count, width]`.
    package var named: [Float] = []
    /// The classifier's own distribution at temperature 2, `[count, classes]`.
    package var teacher: [Float] = []
    /// Tokens along a side.
    package let side: Int

    package init(count: Int, side: Int) { (self.count, self.side) = (count, side) }

    /// Appends picture `place` of `shard`.
    ///
    /// - Parameters:
    ///   - means: of its maps, one after the other, as `LiteVLBatch.means(of:)` gives them.
    ///   - hasMaps: whether anything reads the maps.
    package mutating func append(
        _ shard: TokenCache.Shard, _ place: Int, _ channels: [Int], _ statistics: TokenStatistics,
        means: ArraySlice<Float>, named: ArraySlice<Float>, hasMaps: Bool
    ) {
        var next = means.startIndex
        for (tap, width) in channels.enumerated() {
            self.means[tap].append(contentsOf: means[next..<next + width])
            next += width
        }
        if hasMaps { for tap in 0..<3 { appendMap(shard, place, tap, channels[tap], statistics) } }
        self.named.append(contentsOf: named)
        let classes = TokenCache.classes
        let logits = shard.logits[place * classes..<(place + 1) * classes]
        let most = logits.max() ?? 0
        let shares = logits.map { Float.exponential(($0 - most) / 2) }
        let sum = shares.reduce(0, +)
        teacher += shares.map { $0 / sum }
    }

    /// The standardised means of the maps of picture `place`, one map after the other.
    package static func means(
        of shard: TokenCache.Shard, _ place: Int, _ channels: [Int], _ statistics: TokenStatistics
    ) -> [Float] {
        channels.enumerated().flatMap { tap, width in
            let means = shard.moments(tap, place, width).mean
            return (0..<width).map {
                (means[$0] - statistics.mean[tap][$0]) / statistics.deviationOfMeans[tap][$0]
            }
        }
    }

    private mutating func appendMap(
        _ shard: TokenCache.Shard, _ place: Int, _ tap: Int, _ width: Int, _ statistics: TokenStatistics
    ) {
        // Stride 8 is twice as fine as the tokens.
        let across = [2 * side, side, side / 2][tap]
        let rows = standardised(shard, place, tap, across * across, width, statistics)
        guard tap == 0 else { return maps[tap].append(contentsOf: rows) }
        for y in 0..<side {
            for x in 0..<side {
                for row in [2 * y, 2 * y + 1] {
                    let first = (row * across + 2 * x) * width
                    maps[0].append(contentsOf: rows[first..<first + 2 * width])
                }
            }
        }
    }

    /// The patches of a map.
    private func standardised(
        _ shard: TokenCache.Shard, _ place: Int, _ tap: Int, _ count: Int, _ width: Int,
        _ statistics: TokenStatistics
    ) -> [Float] {
        let mean = statistics.mean[tap], inverse = statistics.deviation[tap].map { 1 / $0 }
        var rows: [Float] = []
        rows.reserveCapacity(count * width)
        for patch in place * count..<(place + 1) * count {
            let scale = shard.scales[tap][patch], first = patch * width
            for channel in 0..<width {
                rows.append(
                    (scale * Float(shard.codes[tap][first + channel]) - mean[channel]) * inverse[channel])
            }
        }
        return rows
    }
}
