import AnomalyModels
import ArgumentParser
import Training

/// A part of VTFusion that can be there or not, to see what it is worth (METHODS.md 4.4, ablations).
enum VTFusionPart: String, Sendable, CaseIterable, ExpressibleByArgument {
    /// The margin of the class's sentences is added to the map.
    case text
    /// The head that ships, trained over simulated products: added, and the start of training.
    case shipped
    /// A head is trained for the product.
    case training
    /// In that, adapters are trained; without, they stay at the principal components.
    case adapters
    /// In that, a segmentation network: patches look at their neighbours.
    case segmentation
    /// In that, patches and their nearest are compared in features; without, by what search and rarity say alone.
    case features
    /// In that, a fusion block: patches, good patches and words see each other.
    case block
    /// In the block, the cross-attention of patches and words.
    case attention
    /// In the block, the gate between a patch and its distance.
    case gate
    /// Distance and rarity are joined in the map that a head is added to; without, the map is the distance, and a head
    /// reads them side by side.
    case fusion

    /// Those that help.
    static let usual: Set<VTFusionPart> = [.text, .shipped, .features, .attention, .fusion]

    /// What of `parts` concerns training.
    static func trained(_ parts: Set<VTFusionPart>) -> Set<SegmentationNetwork.Part> {
        Set(parts.compactMap { SegmentationNetwork.Part(rawValue: $0.rawValue) })
    }
}
