/// What makes one vector of a defect out of a closer look at it (METHODS.md 5.3): the pooled patches of each map, less
/// their mean and of length 1, and its extent, behind one another as x; then z = skip x + out relu(in x + in.bias) + bias,
/// of length 1.
package struct EmbeddingHead: Sendable, Hashable {
    /// The numbers of the vector.
    package let width: Int
    /// From how similar on defects may be of one kind, as far as nothing else is known: 0...1.
    package let similarity: Float
    /// For each map, finest first, what is taken off; the last maps of the trunk, as many as there are here.
    package let means: [[Float]]
    package let layers: Layers

    /// The trained part.
    package struct Layers: Sendable, Hashable {
        /// `[hidden, inputs]`, row-major, and `[hidden]`.
        package var inWeight: [Float]
        package var inBias: [Float]
        /// `[width, hidden]`, `[width, inputs]` and `[width]`.
        package var outWeight: [Float]
        package var skip: [Float]
        package var bias: [Float]

        package init(
            inWeight: [Float], inBias: [Float], outWeight: [Float], skip: [Float], bias: [Float]
        ) {
            (self.inWeight, self.inBias) = (inWeight, inBias)
            (self.outWeight, self.skip, self.bias) = (outWeight, skip, bias)
        }
    }

    /// Numbers of the extent behind those of the maps: `DefectEmbedder.extent`.
    package static let extentCount = 2

    /// The numbers of all maps and of the extent.
    package var inputs: Int { Self.inputs(of: means) }
    package var hidden: Int { layers.inBias.count }

    static func inputs(of means: [[Float]]) -> Int { means.reduce(extentCount) { $0 + $1.count } }

    /// - Precondition: the extents fit each other.
    package init(width: Int, similarity: Float, means: [[Float]], layers: Layers) {
        let inputs = Self.inputs(of: means), hidden = layers.inBias.count
        precondition(
            width > 0 && layers.inWeight.count == hidden * inputs && layers.outWeight.count == width * hidden
                && layers.skip.count == width * inputs && layers.bias.count == width,
            "layers of another size for \(width) numbers of \(inputs)")
        (self.width, self.similarity, self.means, self.layers) = (width, similarity, means, layers)
    }

    /// `pooled`, as `DefectEmbedder.pooled` has it, as the layers read it: each map less its mean, of length 1. In place.
    package static func prepare(_ pooled: inout [Float], means: [[Float]]) {
        var offset = 0
        for mean in means {
            var square: Float = 0
            for channel in mean.indices {
                pooled[offset + channel] -= mean[channel]
                square += pooled[offset + channel] * pooled[offset + channel]
            }
            let factor = square > 1e-12 ? 1 / square.squareRoot() : 0
            for channel in mean.indices { pooled[offset + channel] *= factor }
            offset += mean.count
        }
    }
}
