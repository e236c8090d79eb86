package import Imaging

/// Why a product cannot be taught, and what to do about it.
package enum TeachingError: Error, Hashable, CustomStringConvertible {
    case image(ImagingError)
    case model(ModelError)
    case pictureCount(found: Int)
    case regionCount(found: Int)
    /// Picture `number`, counted from 1, has another size or format than the first.
    case otherFormat(number: Int, found: String, wanted: String)
    case outside(region: Region, frame: Size)
    case mask(region: Region, found: Size, frame: Size)
    /// The masks leave nothing of the region to look at.
    case nothingLeft(region: Region)
    /// Training a head failed.
    case training(reason: String)

    package var description: String {
        switch self {
        case .image(let error): error.description
        case .model(let error): error.description
        case .pictureCount(let found):
            "\(found) good parts were given. Teach with 1 to \(TaughtProduct.mostReferences)."
        case .regionCount(let found):
            "the inspection looks at \(found) regions. Give it 1 to \(TaughtProduct.mostRegions) in the settings."
        case .otherFormat(let number, let found, let wanted):
            "picture \(number) is \(found), the first is \(wanted). Give pictures of one camera as it is set now."
        case .outside(let region, let frame):
            "the region \(region) is not inside the picture of \(frame). Give pictures of the inspection's camera."
        case .mask(let region, let found, let frame):
            "the mask of the region \(region) is \(found). Make it \(region.size), as the region, or \(frame), "
                + "as the picture."
        case .nothingLeft(let region):
            "the mask of the region \(region) leaves too little to look at. Make more of it white."
        case .training(let reason):
            "the full stage of teaching failed: \(reason). Teach without it: say --quick."
        }
    }
}
