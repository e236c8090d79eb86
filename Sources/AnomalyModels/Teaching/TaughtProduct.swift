package import Imaging

/// What was learned of a product from a few good parts: a bank of patches for each region that its inspection
/// looks at, and how good parts score.
package struct TaughtProduct: Sendable, Hashable {
    package static let architectureName = "patch-product"
    /// The most good parts it is taught with.
    package static let mostReferences = 64
    package static let mostRegions = 16

    /// What its package is called: that of the inspection.
    package let name: String
    /// The package whose vectors the banks hold.
    package let trunk: PatchBank.Trunk
    /// The frames that it is for: those of the pictures it was taught with. Regions lie in such a frame.
    package let frame: Size
    /// GREY or RGB3: what the pictures were. Frames of other formats are judged as well, within rounding.
    package let format: PixelFormat
    /// Which views of a good part are good as well.
    package let views: ReferenceViews
    package let regions: [TaughtRegion]
    /// That of each region, in their order.
    package let banks: [PatchBank]
    /// The score of each good part before banks that do not know it; of a single part (or several equal ones) one
    /// score: see `PatchTeaching.partScore`. A score is the largest of all regions and tiles. Never empty.
    package let leaveOneOutScores: [Float]
    /// Scores of the good parts by `banks`, which know them: in the order of the pictures.
    package let ownScores: [Float]

    /// How many good parts it was taught with.
    package var referenceCount: Int { ownScores.count }
}
