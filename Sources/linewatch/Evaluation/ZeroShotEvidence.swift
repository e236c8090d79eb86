import AnomalyModels
import ArgumentParser
import Evaluation
import Foundation

/// What AdaCLIP-E judges by, to see what its parts are worth (METHODS.md 10.3).
enum ZeroShotEvidence: String, Sendable, CaseIterable, ExpressibleByArgument {
    /// What inspection judges by: rarity and the margin of the sentences.
    case usual
    /// Rarity alone: no word, nothing trained.
    case rarity
    /// The margin alone.
    case margin
    /// The margin as the two-way softmax at a temperature of 1/100 that AdaCLIP's authors use, alone.
    case softmax
    /// As usual, with nothing in the place of the sentences: what the two learned anchors say.
    case anchors

    /// Whether it is made of what the margin alone says.
    var dividesMargin: Bool { [.margin, .softmax].contains(self) }
}

/// What the margin alone says of an image.
struct MarginAlone {
    /// Over 0.07, at the cells of the map.
    let map: [Float]
    /// The mean of the highest hundredth of the patches'.
    let image: Float
    static let imageWeight: Float = 0.01
    private static let temperature: Float = 0.07

    /// The difference of what two heads say that weigh the margin by 1 (the image's by `imageWeight`) and not at all:
    /// both are sums of rarity and weighed margins.
    init(_ weighed: Detection, _ rarity: Detection) {
        map = zip(weighed.map.scores, rarity.map.scores).map { $0 - $1 }
        image = (weighed.score - rarity.score) / Self.imageWeight
    }

    /// The probability of a defect in float32 where cosines are multiplied by 100.
    static func softmax(_ margin: Float) -> Float {
        1 / (1 + exp(-100 * temperature * margin))
    }
}
