package import Inference
package import ModelPackages
package import Tensors

/// The weights of a package as a compiler reads them.
///
/// A tensor `X` in codes is an I8 tensor `X` with an F32 tensor `X.scale`, one scale per output channel;
/// everything else is floating-point. Equalisation factors of node `n` are `n.factors`, offsets of its
/// zero points `n.zeros`; activations are in the manifest's calibration.
package struct PackageSource: WeightSource, Sendable {
    private let file: WeightFile
    private let activations: [String: QuantisationParameters]

    package init(_ package: ModelPackage) {
        file = package.weights
        activations = package.manifest.calibration?.activations ?? [:]
    }

    package func floats(_ name: String, shape: [Int]) throws(InferenceError) -> [Float] {
        let entry = try entry(name, shape)
        if name == "vision.positions", entry.shape.rank == 2, entry.shape.extents != shape {
            return try positions(name, stored: entry.shape, shape: shape)
        }
        try require(entry.shape, shape, name)
        if entry.elementType == .int8 {
            return try codes(name, shape: shape, axis: try axis(name, shape)).dequantised(
                axis: axis(name, shape))
        }
        return try reading(name) { () throws(WeightFileError) in try file.floats(name) }
    }

    package func codes(_ name: String, shape: [Int], axis: ChannelAxis) throws(InferenceError)
        -> QuantisedWeights
    {
        try require(try entry(name, shape).shape, shape, name)
        let channels = axis == .first ? shape[0] : shape[shape.count - 1]
        let scaleName = name + ".scale"
        try require(try entry(scaleName, [channels]).shape, [channels], scaleName)
        return try reading(name) { () throws(WeightFileError) in
            QuantisedWeights(codes: try file.int8(name), scale: try file.floats(scaleName))
        }
    }

    package func table(_ name: String, width: Int) throws(InferenceError) -> [Float] {
        let shape = try entry(name, [0, width]).shape
        return try floats(name, shape: [shape.rank > 0 ? shape[0] : 0, width])
    }

    package func factors(_ name: String, width: Int) throws(InferenceError) -> [Float]? {
        guard file.tensor("\(name).factors") != nil else { return nil }
        return try floats("\(name).factors", shape: [width])
    }

    package func zeroOffsets(_ name: String, width: Int) throws(InferenceError) -> [Float]? {
        guard file.tensor("\(name).zeros") != nil else { return nil }
        return try floats("\(name).zeros", shape: [width])
    }

    package func activation(_ name: String) -> QuantisationParameters? { activations[name] }

    /// The positions of a tower for another number of patches than it was trained with.
    private func positions(_ name: String, stored: Shape, shape: [Int]) throws(InferenceError) -> [Float] {
        let source = side(stored[0] - 1), target = side(shape[0] - 1)
        guard stored[1] == shape[1], let source, let target else {
            throw .wrongShape(name: name, expected: shape, found: stored.extents)
        }
        let values = try reading(name) { () throws(WeightFileError) in try file.floats(name) }
        return PositionalEmbedding.resized(
            values, width: shape[1], from: (rows: source, columns: source),
            to: (rows: target, columns: target))
    }

    /// The side of a square of `count` patches, or nil if there is none.
    private func side(_ count: Int) -> Int? {
        guard count > 0 else { return nil }
        let side = Int(Double(count).squareRoot().rounded())
        return side * side == count ? side : nil
    }

    /// Depthwise convolutions have their channels last, everything else first.
    private func axis(_ name: String, _ shape: [Int]) throws(InferenceError) -> ChannelAxis {
        let scales = try entry(name + ".scale", [shape[0]]).shape.elementCount
        return scales == shape[0] && !name.hasSuffix(".depthwise.weight") ? .first : .last
    }

    private func entry(_ name: String, _ shape: [Int]) throws(InferenceError) -> WeightFile.Entry {
        guard let entry = file.tensor(name) else { throw .missingWeights(name: name, shape: shape) }
        return entry
    }

    /// A 1x1 convolution and a matrix are the same numbers: extents of 1 do not count.
    private func require(_ found: Shape, _ wanted: [Int], _ name: String) throws(InferenceError) {
        guard found.extents.filter({ $0 != 1 }) == wanted.filter({ $0 != 1 }) else {
            throw .wrongShape(name: name, expected: wanted, found: found.extents)
        }
    }

    private func reading<Result>(
        _ name: String, _ body: () throws(WeightFileError) -> Result
    ) throws(InferenceError) -> Result {
        do { return try body() } catch { throw .unreadableWeights(name: name, reason: error.description) }
    }
}
