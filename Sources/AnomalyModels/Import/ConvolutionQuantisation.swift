package import Inference
import Kernels
package import Tensors

extension FloatWeights {
    /// A convolutional network ready for int8: weights that lie on the grids of their codes, and the
    /// activations' quantisation.
    package struct Quantised: Sendable {
        package let weights: FloatWeights
        package let activations: [String: QuantisationParameters]

        package var source: FloatSource { FloatSource(weights, activations: activations) }
    }

    /// Rounds the weights of `graph` so that its results keep (`WeightRounding`), then calibrates its
    /// activations with the rounded weights: all values but a 10,000th (METHODS.md 10.1).
    ///
    /// - Parameter images: pictures `[height, width, 3]` of the size of the graph's input; 200 or more for a
    /// package.
    /// - Parameter roundingCount: how many of them the rounding looks at; 64 are enough.
    /// - Parameter samples: pixels of each map and picture that it looks at.
    package func quantised(
        for graph: Graph, images: some Sequence<[UInt8]>, roundingCount: Int = 64, samples: Int = 128
    ) throws(InferenceError) -> Quantised {
        let kernels = KernelTable(.best)
        var moments = try InputMoments(
            graph, weights: FloatSource(self), kernels: kernels, samplesPerImage: samples)
        for image in images.prefix(roundingCount) { moments.add(image: image) }
        let weights = rounded(for: graph, moments)
        var calibration = try Calibration(graph, weights: FloatSource(weights), kernels: kernels)
        for image in images { calibration.add(image: image) }
        return Quantised(weights: weights, activations: calibration.parameters(.quantile(0.9999)))
    }
}

extension PatternImages {
    /// The first `count` pictures, each drawn when it is asked for.
    package func first(_ count: Int) -> some Sequence<[UInt8]> { (0..<count).lazy.map { image($0) } }
}
