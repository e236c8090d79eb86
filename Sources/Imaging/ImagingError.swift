/// Why an image could not be read, written or used, as one line for the person who asked for it.
public enum ImagingError: Error, Hashable, CustomStringConvertible {
    /// The file or folder cannot be opened, listed or read.
    case unreadable(path: String, reason: String)
    /// The bytes start as neither JPEG nor PNG.
    case unknownFormat(path: String)
    /// The bytes start as JPEG or PNG and then do not hold.
    case damaged(path: String, format: String, reason: String)
    /// A side is above `Size.maximumSide`, or a file is above `ImageFile.maximumByteCount`.
    case tooLarge(path: String, found: String, allowed: String)
    /// A folder without a single image.
    case noImages(path: String)
    /// Geometry or bytes that cannot be a frame.
    case badFrame(String)
    /// The library could not write the picture.
    case notEncoded(format: String, reason: String)

    /// What happened, where, and what to do, in one line.
    public var description: String {
        switch self {
        case .unreadable(let path, let reason):
            "'\(path)' cannot be read: \(reason)."
        case .unknownFormat(let path):
            "'\(path)' is neither JPEG nor PNG. Convert it to one of them."
        case .damaged(let path, let format, let reason):
            "'\(path)' is a damaged \(format) image: \(reason). Remove it or save it again."
        case .tooLarge(let path, let found, let allowed):
            "'\(path)' has \(found); at most \(allowed) are read."
        case .noImages(let path):
            "'\(path)' holds no image. Put files named .png, .jpg or .jpeg there."
        case .badFrame(let reason):
            "Bad frame: \(reason)."
        case .notEncoded(let format, let reason):
            "The image could not be written as \(format): \(reason)."
        }
    }
}
