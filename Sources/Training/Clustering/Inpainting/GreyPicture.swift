package import Imaging

/// A grey picture for the encoder-decoder: `[height, width]`, 0...1, row-major.
package struct GreyPicture: Sendable, Hashable {
    package let size: Size
    package let values: [Float]

    /// - Precondition: there is a value for each pixel.
    package init(size: Size, values: [Float]) {
        precondition(values.count == size.pixelCount, "\(values.count) values for \(size)")
        (self.size, self.values) = (size, values)
    }

    /// The mean of red, green and blue of `[height, width, 3]`.
    package init(size: Size, colours: [UInt8]) {
        self.init(
            size: size,
            values: (0..<size.pixelCount).map { pixel in
                Float(Int(colours[3 * pixel]) + Int(colours[3 * pixel + 1]) + Int(colours[3 * pixel + 2]))
                    / (3 * 255)
            })
    }

    /// A disc of 1 about `x`, `y`, flattened by `stretch`, drawn into `holes`.
    static func draw(
        discAt x: Float, _ y: Float, radius: Float, stretch: Float = 1, in size: Size,
        into holes: inout [Float]
    ) {
        let reach = radius * max(stretch, 1 / stretch).squareRoot() + 1
        for row in max(0, Int(y - reach))..<max(0, min(size.height, Int(y + reach) + 1)) {
            for column in max(0, Int(x - reach))..<max(0, min(size.width, Int(x + reach) + 1)) {
                let (across, down) = ((Float(column) - x) / radius, (Float(row) - y) / radius)
                if across * across / stretch + down * down * stretch < 1 {
                    holes[row * size.width + column] = 1
                }
            }
        }
    }
}
