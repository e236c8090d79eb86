package import Imaging

/// How pictures and masks come to AdaCLIP, and what becomes of its map.
package enum FidelityPicture {
    private static let mean: [Float] = [0.48145466, 0.4578275, 0.40821073]
    private static let deviation: [Float] = [0.26862954, 0.26130258, 0.27577711]

    /// The picture as the tower reads it: bicubic to a square, in units of CLIP's deviation from its mean.
    /// `[side, side, 3]`.
    package static func tensor(of image: RGBImage, side: Int) -> [Float] {
        let pixels = PillowResampling.bicubic.resized(image, width: side, height: side)
        return pixels.enumerated().map { (Float($1) / 255 - mean[$0 % 3]) / deviation[$0 % 3] }
    }

    /// A mask as training compares it: bilinear to a square, then 1 above one half. `[side, side]`.
    ///
    /// - Parameter mask: 0 or 255 for each pixel of `size`.
    package static func target(of mask: [UInt8], size: Size, side: Int) -> [Float] {
        PillowResampling.bilinear
            .resized(mask, channels: 1, from: size, to: Size(width: side, height: side))
            .map { $0 > 127 ? 1 : 0 }
    }

    /// `map`, `[side, side]`, through a Gaussian: cut off at 4 deviations, with the border's pixels repeated in
    /// mirror order (b a | a b), rows of pixels last. Sums are in double precision, the result of each pass is not.
    package static func smoothed(_ map: [Float], side: Int, sigma: Double) -> [Float] {
        precondition(map.count == side * side, "a map of \(map.count) for a side of \(side)")
        guard sigma > 0 else { return map }
        let radius = Int(4 * sigma + 0.5)
        let raw = (-radius...radius).map { Double.exponential(-0.5 * Double($0 * $0) / (sigma * sigma)) }
        let total = raw.reduce(0, +)
        let weights = raw.map { $0 / total }
        var result = map
        for step in [side, 1] {
            let source = result
            for line in 0..<side {
                let start = line * (step == 1 ? side : 1)
                for place in 0..<side {
                    var sum = 0.0
                    for (index, weight) in weights.enumerated() {
                        let other = mirrored(place + index - radius, side)
                        sum += weight * Double(source[start + other * step])
                    }
                    result[start + place * step] = Float(sum)
                }
            }
        }
        return result
    }

    /// `place` folded back into 0..<count, each edge its own neighbour.
    private static func mirrored(_ place: Int, _ count: Int) -> Int {
        let period = 2 * count
        let folded = ((place % period) + period) % period
        return folded < count ? folded : period - 1 - folded
    }
}
