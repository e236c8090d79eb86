public import Imaging

/// A pixel format by V4L2's code of four characters.
public struct FourCC: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The first character in the low byte; the highest bit marks big-endian samples.
    public let rawValue: UInt32

    /// Any code.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The code that V4L2 spells `name`: `GREY`, `Y10`, `Y16-BE`; nil if it is no such name.
    public init?(_ name: String) {
        let isBigEndian = name.hasSuffix("-BE")
        let letters = Array((isBigEndian ? String(name.dropLast(3)) : name).utf8)
        guard (1...4).contains(letters.count), letters.allSatisfy({ (33...126).contains($0) }) else {
            return nil
        }
        rawValue = (0..<4).reduce(isBigEndian ? 1 << 31 : 0) { code, index in
            code | UInt32(index < letters.count ? letters[index] : 32) << UInt32(8 * index)
        }
    }

    /// The code of a format that Linewatch reads as it is.
    public init(_ format: PixelFormat) {
        // Every raw value of PixelFormat is a name of one to four letters, with or without "-BE".
        self = FourCC(format.rawValue)!
    }

    /// Motion JPEG, and JPEG: one compressed picture per buffer.
    static let motionJPEG = FourCC("MJPG")!
    static let jpeg = FourCC("JPEG")!

    /// Whether a buffer holds one JPEG picture.
    public var isJPEG: Bool { self == .motionJPEG || self == .jpeg }

    /// The format as Linewatch reads it, or nil if it does not.
    public var pixelFormat: PixelFormat? { PixelFormat(rawValue: description) }

    /// V4L2's spelling.
    public var description: String {
        let letters = (0..<4).map { UInt8(truncatingIfNeeded: (rawValue & 0x7fff_ffff) >> UInt32(8 * $0)) }
        let text = letters.reversed().drop { $0 == 32 }.reversed().map { (33...126).contains($0) ? $0 : 63 }
        return String(decoding: text, as: UTF8.self) + (rawValue >> 31 == 1 ? "-BE" : "")
    }
}
