package import Inference
package import ModelPackages
package import Tensors

/// The weights of a LiteVL whose trunk lies in a package of its own: the trunk as it is packaged, the rest in float32.
package struct JoinedSource: WeightSource, Sendable {
    private let trunk: PackageSource
    private let own: FloatSource

    package init(trunk: ModelPackage, own: FloatWeights) {
        (self.trunk, self.own) = (PackageSource(trunk), FloatSource(own))
    }

    /// Whether a tensor or a node called `name` is not the trunk's.
    package static func isOwn(_ name: String) -> Bool {
        name.hasPrefix("neck.") || name == "vision" || name.hasPrefix("vision.")
    }

    package func floats(_ name: String, shape: [Int]) throws(InferenceError) -> [Float] {
        try Self.isOwn(name) ? own.floats(name, shape: shape) : trunk.floats(name, shape: shape)
    }

    package func codes(_ name: String, shape: [Int], axis: ChannelAxis) throws(InferenceError)
        -> QuantisedWeights
    {
        try Self.isOwn(name)
            ? own.codes(name, shape: shape, axis: axis) : trunk.codes(name, shape: shape, axis: axis)
    }

    package func table(_ name: String, width: Int) throws(InferenceError) -> [Float] {
        try Self.isOwn(name) ? own.table(name, width: width) : trunk.table(name, width: width)
    }

    package func factors(_ name: String, width: Int) throws(InferenceError) -> [Float]? {
        try Self.isOwn(name) ? own.factors(name, width: width) : trunk.factors(name, width: width)
    }

    package func zeroOffsets(_ name: String, width: Int) throws(InferenceError) -> [Float]? {
        try Self.isOwn(name) ? own.zeroOffsets(name, width: width) : trunk.zeroOffsets(name, width: width)
    }

    package func activation(_ name: String) -> QuantisationParameters? {
        Self.isOwn(name) ? own.activation(name) : trunk.activation(name)
    }
}
