public import Imaging

/// Some pixels of a picture: `[height, width]`, row-major.
///
/// - Invariant: `pixels` has `size.pixelCount` elements.
public struct PixelMask: Hashable, Sendable {
    /// Width and height in pixels.
    public let size: Size
    /// Whether each pixel belongs.
    public let pixels: [Bool]

    /// - Precondition: `pixels` has `size.pixelCount` elements.
    public init(size: Size, pixels: [Bool]) {
        precondition(pixels.count == size.pixelCount, "\(pixels.count) pixels for \(size)")
        (self.size, self.pixels) = (size, pixels)
    }

    /// How many pixels belong.
    public var count: Int { pixels.reduce(0) { $0 + ($1 ? 1 : 0) } }

    /// The share of the pixels that belong, 0...1.
    var share: Float { Float(count) / Float(size.pixelCount) }

    /// The binary median over a square of `side` pixels, an odd number: pixels whose square has more that
    /// belong than not. Beyond the border nothing belongs.
    func median(side: Int) -> PixelMask {
        let reach = side / 2, width = size.width, height = size.height
        var rows = [Int32](repeating: 0, count: pixels.count)
        for y in 0..<height {
            var sum: Int32 = 0
            let line = y * width
            for x in 0..<min(reach, width) where pixels[line + x] { sum += 1 }
            for x in 0..<width {
                if x + reach < width, pixels[line + x + reach] { sum += 1 }
                if x - reach - 1 >= 0, pixels[line + x - reach - 1] { sum -= 1 }
                rows[line + x] = sum
            }
        }
        var sums = [Int32](repeating: 0, count: width)
        for y in 0..<min(reach, height) {
            for x in 0..<width { sums[x] += rows[y * width + x] }
        }
        var result = [Bool](repeating: false, count: pixels.count)
        let majority = Int32(side * side / 2)
        for y in 0..<height {
            let entering = y + reach, leaving = y - reach - 1
            if entering < height { for x in 0..<width { sums[x] += rows[entering * width + x] } }
            if leaving >= 0 { for x in 0..<width { sums[x] -= rows[leaving * width + x] } }
            for x in 0..<width { result[y * width + x] = sums[x] > majority }
        }
        return PixelMask(size: size, pixels: result)
    }
}

extension PixelMask {
    /// The pixels of an object before a plain background: those whose grey level is more than `threshold` from
    /// the median of the picture's border, after a median of 7x7 (METHODS.md 6).
    ///
    /// nil if that is less than 5 % or more than 95 % of the picture: then there is no such object, and
    /// anomalies may lie anywhere.
    public static func foreground(of picture: Picture, threshold: Int = 24) -> PixelMask? {
        let size = picture.size
        var histogram = [Int](repeating: 0, count: 256)
        var borderCount = 0
        for y in 0..<size.height {
            let step = y == 0 || y == size.height - 1 ? 1 : max(size.width - 1, 1)
            for x in stride(from: 0, to: size.width, by: step) {
                histogram[picture.grey(y * size.width + x)] += 1
                borderCount += 1
            }
        }
        var background = 0, passed = histogram[0]
        while 2 * passed < borderCount {
            background += 1
            passed += histogram[background]
        }
        let differs = (0..<size.pixelCount).map { abs(picture.grey($0) - background) > threshold }
        let mask = PixelMask(size: size, pixels: differs).median(side: 7)
        return 0.05...0.95 ~= mask.share ? mask : nil
    }
}
