import Inference
import Kernels
package import ModelPackages

/// Float weights brought into a form that loses little in int8, and the ranges of the activations that are
/// fixed.
///
/// Convolutional networks: ranges of the channels from calibration images, weights rounded so that the results
/// of each layer keep, projections fitted to the float results (`FloatWeights.quantised`). Transformers, which
/// quantise activations as they come: channels evened out (`FloatWeights.equalised`).
package struct Int8Fit {
    package let weights: FloatWeights
    /// Nil for transformers.
    package let calibration: Manifest.Calibration?

    /// The share of values inside the range of a feature map, as `FloatWeights.quantised` chooses it.
    private static let quantile = 0.9999
    /// Images that the rounding of weights and the fit of the projections look at.
    private static let roundingCount = 128
    /// Images that a vision tower is evened out on: the maxima of channels settle after a few.
    private static let equalisationCount = 16

    /// Fits `weights` on `images` or, for texts, on `CalibrationSentences`. Blocks, from seconds to minutes.
    ///
    /// Throws `image` if a picture cannot be read, or `weights` if they do not fit the network.
    package init(
        _ network: Network, _ weights: FloatWeights, _ images: ImageSamples, _ encoder: TextEncoder?,
        exponent: Float = Equalisation.usualExponent, progress: (_ done: Int, _ of: Int) -> Void
    ) throws(ModelError) {
        switch network.architecture {
        case .efficientNetLite(let architecture):
            (self.weights, calibration) = try Self.convolutional(
                network, weights, images, side: architecture.nativeInput, progress)
        case .liteVL:
            let side = Architecture.LiteVL.grid * Architecture.LiteVL.stride
            let even = try Self.pictures(network, weights, images, side: side, exponent, progress)
            (self.weights, calibration) = try Self.convolutional(network, even, images, side: side, progress)
        case .miniLM:
            self.weights = try Self.texts(network, weights, encoder, exponent, progress)
            calibration = nil
        case .clip(let clip):
            let vision = try Self.pictures(
                network, weights, images, side: clip.vision.input, exponent, progress)
            self.weights =
                clip.text == nil ? vision : try Self.texts(network, vision, encoder, exponent, progress)
            calibration = nil
        }
    }

    private static func convolutional(
        _ network: Network, _ weights: FloatWeights, _ images: ImageSamples, side: Int,
        _ progress: (Int, Int) -> Void
    ) throws(ModelError) -> (FloatWeights, Manifest.Calibration) {
        let graph = try network.graph(.image(side: side), outputs: .blocks)
        var pictures: [[UInt8]] = []
        for index in 0..<images.calibrationCount { pictures.append(try image(index, of: images, side: side)) }
        // Every picture is looked at once, the first ones twice.
        let total = pictures.count + min(roundingCount, pictures.count)
        var done = 0
        let quantised = withoutActuallyEscaping(progress) { progress in
            Result { () throws(InferenceError) in
                let shown = pictures.lazy.map { picture in
                    progress(done, total)
                    done += 1
                    return picture
                }
                return try weights.quantised(for: graph, images: shown, roundingCount: roundingCount)
            }
        }
        progress(total, total)
        do {
            let fitted = try quantised.get()
            return (
                fitted.weights,
                Manifest.Calibration(
                    images: pictures.count, quantile: quantile, dataset: images.description,
                    activations: fitted.activations)
            )
        } catch { throw .weights(directory: "", error) }
    }

    private static func pictures(
        _ network: Network, _ weights: FloatWeights, _ images: ImageSamples, side: Int, _ exponent: Float,
        _ progress: (Int, Int) -> Void
    ) throws(ModelError) -> FloatWeights {
        let graph = try network.graph(.image(side: side), outputs: .last)
        let session = try session(graph, weights)
        let count = min(equalisationCount, images.calibrationCount)
        var maxima = ChannelMaxima()
        for index in 0..<count {
            progress(index, count)
            maxima.add(image: try image(index, of: images, side: side), session)
        }
        progress(count, count)
        return weights.equalised(for: graph, maxima, exponent: exponent)
    }

    private static func texts(
        _ network: Network, _ weights: FloatWeights, _ encoder: TextEncoder?, _ exponent: Float,
        _ progress: (Int, Int) -> Void
    ) throws(ModelError) -> FloatWeights {
        guard let encoder else { return weights }
        var maxima = ChannelMaxima()
        var sessions: [Int: ReferenceSession] = [:]
        let sentences = CalibrationSentences.all
        for (index, sentence) in sentences.enumerated() {
            progress(index, sentences.count)
            let ids = try encoder.encode(sentence)
            if sessions[ids.count] == nil {
                let graph = try network.graph(.tokens(count: ids.count), outputs: .last)
                sessions[ids.count] = try session(graph, weights)
            }
            if let session = sessions[ids.count] { maxima.add(tokens: ids, session) }
        }
        progress(sentences.count, sentences.count)
        let graph = try network.graph(.tokens(count: 2), outputs: .last)
        return weights.equalised(for: graph, maxima, exponent: exponent)
    }

    private static func session(_ graph: Graph, _ weights: FloatWeights) throws(ModelError)
        -> ReferenceSession
    {
        do {
            return try ReferenceSession(
                graph, weights: FloatSource(weights), kernels: KernelTable(.best), keepsAll: false)
        } catch { throw .weights(directory: "", error) }
    }

    private static func image(_ index: Int, of images: ImageSamples, side: Int) throws(ModelError) -> [UInt8]
    {
        do { return try images.calibrationImage(index, side: side) } catch { throw .image(error) }
    }
}
