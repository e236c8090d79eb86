import Imaging

/// A small change of a picture that leaves a good part good: how far it lies from where it lay, how bright the
/// light is. What stands in for a second good part where there is only one.
struct SelfView: Hashable {
    /// Pixels of the input to the right and down; what comes in repeats the border.
    let right: Int
    let down: Int
    /// The brightness, in hundredths.
    let percent: Int

    static let none = SelfView(right: 0, down: 0, percent: 100)

    /// Shifts that are no multiples of a stride, so that patches are cut anew, and lights.
    static let all = [
        SelfView(right: 3, down: 0, percent: 100), SelfView(right: -3, down: 5, percent: 100),
        SelfView(right: 0, down: -5, percent: 95), SelfView(right: 5, down: 3, percent: 105),
        SelfView(right: -5, down: -3, percent: 97), SelfView(right: 1, down: -1, percent: 103),
    ]

    /// The changed `pixels`, RGB `[size.height, size.width, 3]`.
    func of(_ pixels: [UInt8], _ size: Size) -> [UInt8] {
        guard self != .none else { return pixels }
        var result = pixels
        for y in 0..<size.height {
            let row = min(max(y - down, 0), size.height - 1) * size.width
            for x in 0..<size.width {
                let from = 3 * (row + min(max(x - right, 0), size.width - 1))
                for channel in 0..<3 {
                    let value = (Int(pixels[from + channel]) * percent + 50) / 100
                    result[3 * (y * size.width + x) + channel] = UInt8(min(value, 255))
                }
            }
        }
        return result
    }
}
