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

    /// Finds the range of every channel, evens the channels out (`evenedOut`), rounds the weights so that
    /// the results keep (`WeightRounding`), and fits the projections to the float results.
    ///
    /// - Parameter images: pictures `[height, width, 3]` of the size of the graph's input; 200 or more for a
    /// package.
    /// - Parameter roundingCount: how many of them the rounding looks at.
    /// - Parameter samples: pixels of each map and picture that it looks at.
    package func quantised(
        for graph: Graph, images: some Sequence<[UInt8]>, roundingCount: Int = 128, samples: Int = 128
    ) throws(InferenceError) -> Quantised {
        let kernels = KernelTable(.best)
        var calibration = try Calibration(graph, weights: FloatSource(self), kernels: kernels)
        for image in images { calibration.add(image: image) }
        let (weights, activations) = evenedOut(for: graph, calibration)
        var moments = try InputMoments(
            graph, weights: FloatSource(weights), kernels: kernels, samplesPerImage: samples)
        let looked = Array(images.prefix(roundingCount))
        for image in looked { moments.add(image: image) }
        let fitted = try weights.rounded(for: graph, moments, damping: Self.roundingDamping).fittedToResults(
            of: graph, even: weights, float: self, activations: activations, images: looked,
            samples: samples)
        return Quantised(weights: fitted, activations: activations)
    }
}

extension PatternImages {
    /// The first `count` pictures, each drawn when it is asked for.
    package func first(_ count: Int) -> some Sequence<[UInt8]> { (0..<count).lazy.map { image($0) } }
}
