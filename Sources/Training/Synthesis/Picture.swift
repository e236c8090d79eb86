public import Imaging

/// A picture that anomalies are put into: `[height, width, channels]`, row-major, top row first, 0...255.
///
/// - Invariant: `size` is valid, `channelCount` is 1 (grey) or 3 (R G B), and `levels` has
///   `size.pixelCount * channelCount` elements.
public struct Picture: Hashable, Sendable {
    /// Width and height in pixels.
    public let size: Size
    /// 1 for grey, 3 for colour.
    public let channelCount: Int
    /// The grey levels or colours.
    public let levels: [UInt8]

    /// - Precondition: the invariant.
    public init(size: Size, channelCount: Int, levels: [UInt8]) {
        precondition(
            size.isValid && [1, 3].contains(channelCount) && levels.count == size.pixelCount * channelCount,
            "\(levels.count) levels for \(size) in \(channelCount) channels")
        (self.size, self.channelCount, self.levels) = (size, channelCount, levels)
    }

    /// The picture in colour.
    public init(_ image: RGBImage) {
        self.init(size: image.size, channelCount: 3, levels: image.pixels)
    }

    /// The picture in grey.
    public init(_ image: GreyImage) {
        self.init(size: image.size, channelCount: 1, levels: image.pixels)
    }

    /// The pixels as an image in colour; those of a grey picture have three equal channels.
    public var image: RGBImage {
        guard let image = try? RGBImage(size: size, pixels: converted(toChannels: 3).levels) else {
            preconditionFailure("\(levels.count) levels for \(size)")
        }
        return image
    }

    /// Whether it is in colour and has none: three equal channels everywhere.
    var isColourless: Bool {
        guard channelCount == 3 else { return false }
        for first in stride(from: 0, to: levels.count, by: 3)
        where levels[first] != levels[first + 1] || levels[first] != levels[first + 2] {
            return false
        }
        return true
    }

    /// The picture with `count` channels: grey is 0.30 R + 0.59 G + 0.11 B, in 1/256.
    func converted(toChannels count: Int) -> Picture {
        guard count != channelCount else { return self }
        var result: [UInt8] = []
        result.reserveCapacity(size.pixelCount * count)
        for pixel in 0..<size.pixelCount {
            if count == 3 {
                for _ in 0..<3 { result.append(levels[pixel]) }
            } else {
                result.append(UInt8(truncatingIfNeeded: grey(pixel)))
            }
        }
        return Picture(size: size, channelCount: count, levels: result)
    }

    /// The grey level of pixel `index`, 0...255.
    @inline(__always)
    func grey(_ index: Int) -> Int {
        guard channelCount == 3 else { return Int(levels[index]) }
        let first = 3 * index
        return (77 * Int(levels[first]) + 150 * Int(levels[first + 1]) + 29 * Int(levels[first + 2]) + 128)
            >> 8
    }

    /// The channels of pixel `index`; lanes that it does not have are 0.
    @inline(__always)
    func pixel(_ index: Int) -> SIMD4<Float> {
        guard channelCount == 3 else { return SIMD4(Float(levels[index]), 0, 0, 0) }
        let first = 3 * index
        return SIMD4(Float(levels[first]), Float(levels[first + 1]), Float(levels[first + 2]), 0)
    }

    /// The picture at a point between pixel centres, bilinear; beyond the borders it is mirrored.
    @inline(__always)
    func sample(_ x: Float, _ y: Float) -> SIMD4<Float> {
        let column = Picture.floor(x), row = Picture.floor(y)
        let left = Float(column), top = Float(row)
        let x0 = Picture.mirrored(column, size.width), x1 = Picture.mirrored(column + 1, size.width)
        let y0 = Picture.mirrored(row, size.height) * size.width
        let y1 = Picture.mirrored(row + 1, size.height) * size.width
        guard channelCount == 3 else {
            let a = Float(levels[y0 + x0]), b = Float(levels[y0 + x1])
            let c = Float(levels[y1 + x0]), d = Float(levels[y1 + x1])
            let upper = a + (b - a) * (x - left), lower = c + (d - c) * (x - left)
            return SIMD4(upper + (lower - upper) * (y - top), 0, 0, 0)
        }
        let a = pixel(y0 + x0), b = pixel(y0 + x1), c = pixel(y1 + x0), d = pixel(y1 + x1)
        let upper = a + (b - a) * (x - left), lower = c + (d - c) * (x - left)
        return upper + (lower - upper) * (y - top)
    }

    /// The whole number below, without the call that `rounded(.down)` is on older processors.
    @inline(__always)
    static func floor(_ value: Float) -> Int {
        let whole = Int(value)
        return Float(whole) > value ? whole - 1 : whole
    }

    /// The index inside 0..<`count` that a mirror at both ends (the last element twice) shows at `index`.
    @inline(__always)
    static func mirrored(_ index: Int, _ count: Int) -> Int {
        if UInt(bitPattern: index) < UInt(bitPattern: count) { return index }
        let place = index % (2 * count)
        let positive = place < 0 ? place + 2 * count : place
        return positive < count ? positive : 2 * count - 1 - positive
    }

    /// A level of 0...255 nearest to `value`.
    @inline(__always)
    static func level(_ value: Float) -> UInt8 { UInt8(min(max(value, 0), 255) + 0.5) }
}

extension [UInt8] {
    /// Writes the lanes of `value` that pixel `index` of a picture with `channelCount` channels has.
    @inline(__always)
    mutating func setPixel(_ index: Int, _ channelCount: Int, _ value: SIMD4<Float>) {
        let first = index * channelCount
        self[first] = Picture.level(value[0])
        guard channelCount == 3 else { return }
        self[first + 1] = Picture.level(value[1])
        self[first + 2] = Picture.level(value[2])
    }
}
