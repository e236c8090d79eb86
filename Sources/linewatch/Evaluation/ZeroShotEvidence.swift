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
    /// As usual, where only the class token of a tower stands for the image.
    case fusionOff = "fusion-off"
    /// As usual, where the mean of the worst patches stands beside it.
    case fusionMean = "fusion-mean"
    /// As usual, where the mean of their clusters stands beside it.
    case fusionClusters = "fusion-clusters"

    /// Whether it is made of what the margin alone says.
    var dividesMargin: Bool { [.margin, .softmax].contains(self) }

    /// What of a tower stands for the image; nil: as the head has it.
    var fusion: SemanticFusion.Kind? {
        switch self {
        case .fusionOff: .off
        case .fusionMean: .mean
        case .fusionClusters: .clusters
        case .usual, .rarity, .margin, .softmax, .anchors: nil
        }
    }
}

/// What the margin alone says of an image.
struct MarginAlone {
    /// Over the head's temperature, at the cells of the map.
    let map: [Float]
    /// The part of the score of the image that is not rarity.
    let image: Float
    static let imageWeight: Float = 0.01

    /// The difference of what two heads say that weigh the margin by 1 (the image's by `imageWeight`) and not at all:
    /// both are sums of rarity and weighed margins.
    init(_ weighed: Detection, _ rarity: Detection) {
        map = zip(weighed.map.scores, rarity.map.scores).map { $0 - $1 }
        image = (weighed.score - rarity.score) / Self.imageWeight
    }

    /// The probability of a defect in float32 where cosines are multiplied by 100.
    static func softmax(_ margin: Float, temperature: Float) -> Float {
        1 / (1 + exp(-100 * temperature * margin))
    }
}

extension ClassHead {
    /// τ.
    var temperature: Float {
        switch self {
        case .patches(let head): head.temperature
        case .prompted(let head): head.temperature
        }
    }

    /// The same head, where what the sentences say counts so much in the map and in the score of the image.
    func weighing(map: Float, image: Float) -> ClassHead {
        switch self {
        case .patches(let head): return .patches(head.weighing(map: map, image: image))
        case .prompted(let head):
            var choices = head.choices
            (choices.mapWeight, choices.imageWeight) = (map, image)
            return .prompted(head.with(choices))
        }
    }

    /// The head as `evidence` wants it. Throws `ValidationError` if it has no part of that kind.
    func judging(by evidence: ZeroShotEvidence) throws -> ClassHead {
        switch (self, evidence.fusion) {
        case (.patches, .some):
            throw ValidationError("--evidence \(evidence.rawValue) is for heads on a tower with tokens.")
        case (.prompted(let head), let fusion?):
            var choices = head.choices
            choices.fusion = fusion
            return .prompted(head.with(choices))
        case (.prompted(let head), nil) where evidence == .rarity:
            var choices = head.choices
            (choices.usesRarity, choices.mapWeight, choices.imageWeight) = (true, 0, 0)
            return .prompted(head.with(choices))
        case (_, nil): return evidence == .rarity ? weighing(map: 0, image: 0) : self
        }
    }
}
