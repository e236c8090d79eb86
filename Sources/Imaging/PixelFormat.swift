/// How the samples of a frame lie in memory, by the name V4L2 gives it.
///
/// All sizes and offsets here are of V4L2's single-buffer forms: the second plane of NV12 and NV16
/// follows the last row of the first.
public enum PixelFormat: String, CaseIterable, Hashable, Sendable {
    /// One byte of luminance per pixel.
    case grey = "GREY"
    /// 10, 12 and 16 bits of luminance in two bytes, little-endian, in the low bits.
    case y10 = "Y10"
    case y12 = "Y12"
    case y16 = "Y16"
    /// 16 bits of luminance, big-endian.
    case y16BigEndian = "Y16-BE"
    /// 4:2:2 in one plane: Y U Y V, and U Y V Y.
    case yuyv = "YUYV"
    case uyvy = "UYVY"
    /// Two planes, Y and interleaved U V: one pair for 2 x 2 pixels, and for 2 x 1.
    case nv12 = "NV12"
    case nv16 = "NV16"
    /// Three bytes per pixel: R G B, and B G R.
    case rgb24 = "RGB3"
    case bgr24 = "BGR3"
    /// A colour filter per pixel, one byte; named by the first two rows of two.
    case bayerBGGR8 = "BA81"
    case bayerGBRG8 = "GBRG"
    case bayerGRBG8 = "GRBG"
    case bayerRGGB8 = "RGGB"
    /// The same with 10 bits in two bytes, little-endian, in the low bits.
    case bayerBGGR10 = "BG10"
    case bayerGBRG10 = "GB10"
    case bayerGRBG10 = "BA10"
    case bayerRGGB10 = "RG10"

    /// The bits of a sample that carry light: 8, 10, 12 or 16.
    public var significantBits: Int {
        switch self {
        case .y10, .bayerBGGR10, .bayerGBRG10, .bayerGRBG10, .bayerRGGB10: 10
        case .y12: 12
        case .y16, .y16BigEndian: 16
        default: 8
        }
    }

    /// Bytes that a sample takes: 1 or 2.
    public var bytesPerSample: Int { significantBits > 8 ? 2 : 1 }

    /// 2 for NV12 and NV16, 1 for all others.
    public var planeCount: Int { self == .nv12 || self == .nv16 ? 2 : 1 }

    /// Whether each pixel has one of three colours.
    public var isBayer: Bool {
        switch self {
        case .bayerBGGR8, .bayerGBRG8, .bayerGRBG8, .bayerRGGB8: true
        case .bayerBGGR10, .bayerGBRG10, .bayerGRBG10, .bayerRGGB10: true
        default: false
        }
    }

    /// Width and height of a frame are multiples of these: 1 or 2 pixels.
    public var granularity: Size {
        switch self {
        case .yuyv, .uyvy, .nv16: Size(width: 2, height: 1)
        case .nv12: Size(width: 2, height: 2)
        default: isBayer ? Size(width: 2, height: 2) : Size(width: 1, height: 1)
        }
    }

    /// The bytes of a row of `width` pixels without padding, the same in every plane.
    public func minimumBytesPerRow(width: Int) -> Int {
        switch self {
        case .yuyv, .uyvy: 2 * width
        case .rgb24, .bgr24: 3 * width
        default: bytesPerSample * width
        }
    }

    /// The rows of plane `plane` of a frame of `height` rows.
    public func rowCount(ofPlane plane: Int, height: Int) -> Int {
        self == .nv12 && plane == 1 ? height / 2 : height
    }

    /// The bytes of a frame whose rows are `bytesPerRow` apart, all planes together.
    public func byteCount(height: Int, bytesPerRow: Int) -> Int {
        (0..<planeCount).reduce(0) { $0 + rowCount(ofPlane: $1, height: height) * bytesPerRow }
    }
}
