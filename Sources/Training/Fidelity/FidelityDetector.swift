internal import AnomalyModels
package import Imaging

/// AdaCLIP for one kind of part: pictures in, maps and scores out. Not for several threads at once.
package final class FidelityDetector {
    package let network: FidelityNetwork
    package let sentences: ClassSentences
    private let tape: Tape<Float>

    /// What it says of one picture.
    package struct Result: Sendable {
        /// The probability that the part is bad.
        package let score: Float
        /// `[side, side]`, before and behind the Gaussian.
        package let rawMap: [Float]
        package let map: [Float]
    }

    package init(_ network: FidelityNetwork, _ sentences: ClassSentences, workers: Workers) {
        (self.network, self.sentences) = (network, sentences)
        tape = Tape(workers: workers, isTraining: false)
    }

    /// Looks at `image`. Blocks, for seconds with a large tower.
    package func detect(in image: RGBImage) -> Result {
        detect(FidelityPicture.tensor(of: image, side: network.tower.side))
    }

    /// The same of a picture that is normalised already, `[side, side, 3]`.
    package func detect(_ picture: [Float]) -> Result {
        tape.begin()
        let features = network.features(picture, sentences, tape)
        let map = network.map(features, tape)
        network.observe("map", map, tape)
        let score = network.score(features, tape)
        network.observe("score", score, tape)
        let raw = tape.values(map)
        return Result(
            score: tape.value(score), rawMap: raw,
            map: FidelityPicture.smoothed(raw, side: network.tower.side, sigma: network.settings.sigma))
    }
}
