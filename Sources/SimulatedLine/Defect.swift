public import Imaging

/// What can be wrong with a part.
public enum DefectKind: String, CaseIterable, Hashable, Sendable {
    /// A groove with a burr along it; on cloth, a drawn thread.
    case scratch
    /// A thin dark line that meanders and branches.
    case crack
    /// A shallow hollow or bump, seen by its shading.
    case dent
    /// A soft patch of another colour with a darker border.
    case stain
    /// A dark cavity with a rim; on a board, a part that was not placed.
    case hole
    /// Foreign grains in the material.
    case inclusion
    /// A fibre, dust or droplets on the surface.
    case contamination
    /// Ink where it should not be: a mark printed twice, shifted or smeared.
    case misprint
}

/// Which defect a rendered part gets.
public enum DefectChoice: Hashable, Sendable {
    /// The one that the seed and the defect rate give it, if any.
    case drawn
    /// None: the same part in the same light, as it would be without its defect.
    case none
    /// One of this kind, whether the part would have had one or not.
    case forced(DefectKind)
}

/// The ground truth of one defect.
public struct Defect: Hashable, Sendable {
    /// What is wrong.
    public let kind: DefectKind
    /// The smallest rectangle around the changed pixels, in pixels of the frame; in a web, y counts from the
    /// start of the segment.
    public let region: Region
    /// How many pixels of the frame differ from the same frame without the defect; above 0.
    public let changedPixelCount: Int
    /// How strong the defect was drawn: 0.18 is barely visible, 1 is plain.
    public let strength: Float
}
