import AnomalyModels

/// Mean and deviation of each channel of the trunk's maps over the pictures trained on, and of the means of a
/// picture: what the neck learns on channels of one size.
package struct TokenStatistics: Sendable {
    /// Of each tap `[channels]`.
    package let mean: [[Float]]
    package let deviation: [[Float]]
    /// Of the means of pictures, whose mean is `mean`.
    package let deviationOfMeans: [[Float]]
    /// A channel that hardly moves is not blown up beyond this share of the mean deviation of its tap.
    private static let floor = 0.2

    /// Over every eighth of the pictures `samples`. - Complexity: O(pictures)
    package init(_ shards: [TokenCache.Shard], samples: [Int], channels: [Int]) {
        var mean: [[Float]] = [], deviation: [[Float]] = [], deviationOfMeans: [[Float]] = []
        let looked = stride(from: 0, to: samples.count, by: 8).map { samples[$0] }
        for (tap, width) in channels.enumerated() {
            var sum = [Double](repeating: 0, count: width), square = sum, squareOfMeans = sum
            for sample in looked {
                let shard = shards[sample / TokenCache.shardCount]
                let moments = shard.moments(tap, sample % TokenCache.shardCount, width)
                for channel in 0..<width {
                    let (own, ownSquare) = (Double(moments.mean[channel]), Double(moments.square[channel]))
                    sum[channel] += own
                    square[channel] += ownSquare
                    squareOfMeans[channel] += own * own
                }
            }
            let pictures = Double(max(looked.count, 1))
            let middle = sum.map { $0 / pictures }
            mean.append(middle.map { Float($0) })
            deviation.append(Self.deviation(square.map { $0 / pictures }, middle))
            deviationOfMeans.append(Self.deviation(squareOfMeans.map { $0 / pictures }, middle))
        }
        (self.mean, self.deviation, self.deviationOfMeans) = (mean, deviation, deviationOfMeans)
    }

    /// Channels that are left as they are.
    package init(plain channels: [Int]) {
        mean = channels.map { [Float](repeating: 0, count: $0) }
        deviation = channels.map { [Float](repeating: 1, count: $0) }
        deviationOfMeans = deviation
    }

    private static func deviation(_ square: [Double], _ mean: [Double]) -> [Float] {
        let plain = zip(square, mean).map { max($0 - $1 * $1, 0).squareRoot() }
        let least = max(floor * plain.reduce(0, +) / Double(max(plain.count, 1)), 1e-6)
        return plain.map { Float(max($0, least)) }
    }
}

extension TokenCache.Shard {
    /// The mean of each of the `width` channels of tap `tap` over the patches of picture `place`, and the mean of
    /// its square.
    func moments(_ tap: Int, _ place: Int, _ width: Int) -> (mean: [Float], square: [Float]) {
        let count = scales[tap].count / TokenCache.shardCount
        var sum = [Float](repeating: 0, count: width), square = sum
        for patch in place * count..<(place + 1) * count {
            let scale = scales[tap][patch], first = patch * width
            for channel in 0..<width {
                let value = scale * Float(codes[tap][first + channel])
                sum[channel] += value
                square[channel] += value * value
            }
        }
        return (sum.map { $0 / Float(count) }, square.map { $0 / Float(count) })
    }
}
