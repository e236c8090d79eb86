package import Imaging

/// Pictures in another size, to the byte as the Pillow library makes them: separable kernels whose support widens
/// with the reduction, weights in fixed point of 22 bits, rows first, and bytes between the two passes.
package enum PillowResampling: Sendable {
    /// The cubic kernel with a = -0.5, support 2.
    case bicubic
    /// The triangle, support 1.
    case bilinear

    private static let precision = 22

    /// `image` as `width` by `height` pixels.
    package func resized(_ image: RGBImage, width: Int, height: Int) -> [UInt8] {
        resized(image.pixels, channels: 3, from: image.size, to: Size(width: width, height: height))
    }

    /// Pixels `[height, width, channels]` of `source` as those of `target`.
    ///
    /// - Precondition: both sizes are valid and `pixels` has that count.
    package func resized(_ pixels: [UInt8], channels: Int, from source: Size, to target: Size) -> [UInt8] {
        precondition(
            source.isValid && target.isValid && pixels.count == source.pixelCount * channels,
            "\(pixels.count) bytes of \(source) to \(target)")
        var rows = pixels
        if target.width != source.width {
            // Along a row, pixels lie `channels` apart.
            rows = passed(
                pixels, lines: source.height, lineStride: source.width * channels, step: channels,
                from: source.width, to: target.width, inner: channels)
        }
        guard target.height != source.height else { return rows }
        let row = target.width * channels
        return passed(
            rows, lines: 1, lineStride: 0, step: row, from: source.height, to: target.height, inner: row)
    }

    /// One pass: of each line, `old` places of `inner` bytes, `step` apart, become `new`.
    private func passed(
        _ pixels: [UInt8], lines: Int, lineStride: Int, step: Int, from old: Int, to new: Int, inner: Int
    ) -> [UInt8] {
        let taps = taps(from: old, to: new)
        var result = [UInt8](repeating: 0, count: lines * new * inner)
        for line in 0..<lines {
            for (place, tap) in taps.enumerated() {
                let target = (line * new + place) * inner
                for offset in 0..<inner {
                    var sum = 1 << (Self.precision - 1)
                    for (index, weight) in tap.weights.enumerated() {
                        sum += Int(pixels[line * lineStride + (tap.first + index) * step + offset]) * weight
                    }
                    result[target + offset] = UInt8(min(max(sum >> Self.precision, 0), 255))
                }
            }
        }
        return result
    }

    /// For each new place the first old one and the weights of those from it on.
    private func taps(from old: Int, to new: Int) -> [(first: Int, weights: [Int])] {
        let scale = Double(old) / Double(new)
        let widening = max(scale, 1)
        let support = (self == .bicubic ? 2.0 : 1.0) * widening
        return (0..<new).map { place in
            let centre = (Double(place) + 0.5) * scale
            let first = max(0, Int(centre - support + 0.5))
            let end = min(old, Int(centre + support + 0.5))
            let raw = (first..<end).map { kernel((Double($0) - centre + 0.5) * (1 / widening)) }
            let sum = raw.reduce(0, +)
            return (first, raw.map { Self.fixed(sum == 0 ? $0 : $0 / sum) })
        }
    }

    private static func fixed(_ weight: Double) -> Int {
        Int((weight < 0 ? -0.5 : 0.5) + weight * Double(1 << precision))
    }

    private func kernel(_ x: Double) -> Double {
        let x = abs(x)
        switch self {
        case .bilinear: return max(0, 1 - x)
        case .bicubic:
            let a = -0.5
            if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
            return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
        }
    }
}
