/// How one tensor of `FloatWeights` is made from tensors of a checkpoint.
///
/// One list of rules is both what a checkpoint must contain and how it is converted.
struct TensorRule: Sendable {
    struct Source: Sendable, Hashable {
        let name: String
        let shape: [Int]
    }

    let target: String
    let shape: [Int]
    let sources: [Source]
    /// The values of the sources, in order, each row-major, to the values of the target.
    let convert: @Sendable ([[Float]]) -> [Float]

    init(
        _ target: String, _ shape: [Int], from sources: [Source],
        _ convert: @escaping @Sendable ([[Float]]) -> [Float]
    ) {
        self.target = target
        self.shape = shape
        self.sources = sources
        self.convert = convert
    }

    /// The same numbers; the shapes may differ by extents of 1.
    static func copy(_ target: String, _ shape: [Int], from name: String, _ sourceShape: [Int]? = nil)
        -> TensorRule
    {
        TensorRule(target, shape, from: [Source(name: name, shape: sourceShape ?? shape)]) { $0[0] }
    }

    /// The sources under each other: a matrix or vector with all their rows. Each has the same number of
    /// rows.
    static func stack(_ target: String, _ shape: [Int], from names: [String]) -> TensorRule {
        let part = [shape[0] / names.count] + shape.dropFirst()
        return TensorRule(target, shape, from: names.map { Source(name: $0, shape: part) }) {
            Array($0.joined())
        }
    }

    /// The transpose of a matrix.
    static func transpose(_ target: String, _ shape: [Int], from name: String) -> TensorRule {
        let (rows, columns) = (shape[0], shape[1])
        return TensorRule(target, shape, from: [Source(name: name, shape: [columns, rows])]) { sources in
            let source = sources[0]
            return (0..<rows * columns).map { source[$0 % columns * rows + $0 / columns] }
        }
    }

    /// The filters of a convolution [out, in, ky, kx] as [out, ky, kx, in].
    static func channelsLast(_ target: String, _ shape: [Int], from name: String) -> TensorRule {
        let sourceShape = [shape[0], shape[3], shape[1], shape[2]]
        return TensorRule(target, shape, from: [Source(name: name, shape: sourceShape)]) {
            channelsLast($0[0], channels: shape[3], pixels: shape[1] * shape[2])
        }
    }

    /// The rule of a weight or bias whose rows (outermost extent) are then multiplied by `scale`.
    func scaled(by scale: String) -> TensorRule {
        let (inner, rows) = (convert, shape[0])
        return TensorRule(target, shape, from: sources + [Source(name: scale, shape: [rows])]) { sources in
            let values = inner(Array(sources.dropLast()))
            let scale = sources[sources.count - 1]
            let columns = values.count / rows
            return values.indices.map { values[$0] * scale[$0 / columns] }
        }
    }

    /// [n, channels, pixels] as [n, pixels, channels].
    static func channelsLast(_ values: [Float], channels: Int, pixels: Int) -> [Float] {
        values.indices.map { index in
            let (image, rest) = index.quotientAndRemainder(dividingBy: channels * pixels)
            let (pixel, channel) = rest.quotientAndRemainder(dividingBy: channels)
            return values[(image * channels + channel) * pixels + pixel]
        }
    }
}
