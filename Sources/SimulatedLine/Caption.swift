package import Imaging

/// A line of small capitals, as it covers the pixels of a sheet.
package struct Caption: Sendable {
    /// Width and height in pixels.
    package let size: Size
    /// The covered share of each pixel, 0...1: `[height, width]`.
    package let cover: [Float]

    /// `text` in letters of `height` pixels; letters that the engraver's alphabet lacks are left out.
    package init(_ text: String, height: Float) {
        let strokes = Lettering.strokes(of: text, at: SIMD2(0, 0), size: height)
        let size = Size(
            width: Int(Lettering.width(of: text, size: height)) + 2, height: Int(height) + 2)
        self.size = size
        cover = (0..<size.pixelCount).map { index in
            let point = SIMD2(Float(index % size.width), Float(index / size.width))
            return min(max(1.1 - (strokes.map { $0.distance(to: point) }.min() ?? 100), 0), 1)
        }
    }
}
