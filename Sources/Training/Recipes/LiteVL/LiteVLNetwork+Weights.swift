package import AnomalyModels

extension LiteVLNetwork {
    /// The trained part as inspection reads it: on the trunk's maps as they are, not standardised.
    ///
    /// - Parameter names: `[embeddingWidth, 1280]`, what the mean of the trunk's last map says of names.
    package func weights(_ statistics: TokenStatistics, names: [Float]) -> FloatWeights {
        var result = FloatWeights()
        for parameter in parameters.all {
            result.tensors[parameter.name] = (parameter.shape, parameter.values)
        }
        let width = architecture.width, channels = architecture.trunkChannels
        var mapShift = [Float](repeating: 0, count: width), classShift = mapShift
        for (tap, stride) in [8, 16, 32].enumerated() {
            let (kernel, count) = (tap == 0 ? 2 : 1, channels[tap])
            let name = "neck.s\(stride).weight"
            let values = result.tensors[name]?.values ?? []
            let shifts = Self.folded(values, width, statistics.mean[tap], statistics.deviation[tap])
            result.tensors[name] = ([width, kernel, kernel, count], shifts.weight)
            let own = "neck.class\(stride).weight"
            let means = Self.folded(
                result.tensors[own]?.values ?? [], width, statistics.mean[tap],
                statistics.deviationOfMeans[tap])
            result.tensors[own] = ([width, count], means.weight)
            for row in 0..<width {
                mapShift[row] -= shifts.shift[row]
                classShift[row] -= means.shift[row]
            }
        }
        let zeros = [Float](repeating: 0, count: width)
        for (name, shift) in [("neck.s16.bias", mapShift), ("neck.class32.bias", classShift)] {
            let values = result.tensors[name]?.values ?? zeros
            result.tensors[name] = ([width], zip(values, shift).map { $0 + $1 })
        }
        for name in ["neck.s8.bias", "neck.s32.bias"] { result.tensors[name] = ([width], zeros) }
        result.tensors["vision.names.weight"] = (
            [architecture.embeddingWidth, EfficientNetLite.headChannels], names
        )
        return result
    }

    /// Weights of rows that read (x - mean) / deviation, for x, and what the mean adds to each row. The channels may
    /// come several times.
    private static func folded(
        _ weight: [Float], _ rows: Int, _ mean: [Float], _ deviation: [Float]
    ) -> (weight: [Float], shift: [Float]) {
        let depth = weight.count / rows
        var shift = [Float](repeating: 0, count: rows)
        let folded = weight.indices.map { index in
            let channel = index % depth % mean.count
            let value = weight[index] / deviation[channel]
            shift[index / depth] += value * mean[channel]
            return value
        }
        return (folded, shift)
    }
}
