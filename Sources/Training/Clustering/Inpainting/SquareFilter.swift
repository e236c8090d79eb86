package import Imaging

/// What lies about each pixel of a picture: in a square of `reach` pixels to each side, cut off at the border.
package struct SquareFilter {
    private let size: Size
    private let reach: Int

    package init(size: Size, reach: Int) { (self.size, self.reach) = (size, reach) }

    /// The mean about each pixel.
    package func means(_ values: [Float]) -> [Float] {
        let sums = filtered(values, 0, +)
        let counts = filtered([Float](repeating: 1, count: values.count), 0, +)
        return zip(sums, counts).map { $0 / $1 }
    }

    /// The highest value about each pixel.
    package func maxima(_ values: [Float]) -> [Float] { filtered(values, -.infinity, max) }

    /// Along the rows, then along the columns.
    private func filtered(
        _ values: [Float], _ start: Float, _ join: (Float, Float) -> Float
    ) -> [Float] {
        func along(_ values: [Float], length: Int, step: Int, place: (Int) -> Int) -> [Float] {
            values.indices.map { pixel in
                let middle = place(pixel)
                var result = start
                for near in max(0, middle - reach)...min(length - 1, middle + reach) {
                    result = join(result, values[pixel + (near - middle) * step])
                }
                return result
            }
        }
        let across = along(values, length: size.width, step: 1) { $0 % size.width }
        return along(across, length: size.height, step: size.width) { $0 / size.width }
    }
}
