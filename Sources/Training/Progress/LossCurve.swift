public import Imaging

/// The losses of a training, to be looked at.
public struct LossCurve: Sendable, Hashable {
    /// One step.
    public struct Point: Sendable, Hashable {
        public let step: Int
        public let loss: Double
        public let rate: Double
    }

    /// In the order of the steps; steps that were skipped are not among them.
    public private(set) var points: [Point] = []

    /// Without points.
    public init() {}

    /// Adds a step. A loss that is not finite is left out.
    public mutating func add(step: Int, loss: Double, rate: Double) {
        if loss.isFinite { points.append(Point(step: step, loss: loss, rate: rate)) }
    }

    /// A table with a head, tab-separated: step, loss, learning rate.
    public var table: String {
        points.reduce(into: "step\tloss\trate\n") { text, point in
            text += "\(point.step)\t\(point.loss)\t\(point.rate)\n"
        }
    }

    /// The curve in characters: `rows` lines of `columns` marks, the loss at the left, its mean over as many steps
    /// as a column covers.
    public func chart(columns: Int = 64, rows: Int = 12) -> String {
        let means = columnMeans(columns)
        guard let low = means.min(), let high = means.max(), let last = points.last else { return "" }
        let span = max(high - low, 1e-12)
        let marks = means.map { Int(((high - $0) / span * Double(rows - 1)).rounded()) }
        let labels = (0..<rows).map { rounded(high - span * Double($0) / Double(max(1, rows - 1)), 4) }
        let margin = labels.map(\.count).max() ?? 0
        var lines = (0..<rows).map { row in
            String(repeating: " ", count: margin - labels[row].count) + labels[row] + " |"
                + String(marks.map { $0 == row ? "*" : " " })
        }
        let end = "step \(last.step)"
        lines.append(
            String(repeating: " ", count: margin + 1) + "+" + String(repeating: "-", count: means.count))
        lines.append(String(repeating: " ", count: max(0, margin + 2 + means.count - end.count)) + end)
        return lines.joined(separator: "\n") + "\n"
    }

    /// The curve as a picture: every step in grey, the running mean over it in red, on white. Losses rise upwards,
    /// from the least to the largest; steps run from left to right.
    public func picture(width: Int = 640, height: Int = 320) throws(ImagingError) -> RGBImage {
        var canvas = Canvas(width: width, height: height)
        if let low = points.map(\.loss).min(), let high = points.map(\.loss).max() {
            let span = max(high - low, 1e-12)
            let last = Double(max(points.count - 1, 1))
            func place(_ index: Int, _ loss: Double) -> (Int, Int) {
                (
                    8 + Int(Double(index) / last * Double(width - 17)),
                    8 + Int((high - loss) / span * Double(height - 17))
                )
            }
            canvas.frame(8)
            var (mean, oldRaw, oldMean) = (points[0].loss, place(0, points[0].loss), place(0, points[0].loss))
            for (index, point) in points.enumerated() {
                mean += (point.loss - mean) / 25
                let (raw, smooth) = (place(index, point.loss), place(index, mean))
                canvas.line(oldRaw, raw, (200, 200, 205))
                canvas.line(oldMean, smooth, (200, 30, 30))
                (oldRaw, oldMean) = (raw, smooth)
            }
        }
        return try RGBImage(size: Size(width: width, height: height), pixels: canvas.pixels)
    }

    private func columnMeans(_ columns: Int) -> [Double] {
        let count = min(columns, points.count)
        return (0..<count).map { column in
            let part = points[column * points.count / count..<(column + 1) * points.count / count]
            return part.reduce(0) { $0 + $1.loss } / Double(part.count)
        }
    }
}

/// White pixels to draw on.
private struct Canvas {
    let width: Int
    let height: Int
    var pixels: [UInt8]

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        pixels = [UInt8](repeating: 255, count: width * height * 3)
    }

    mutating func dot(_ x: Int, _ y: Int, _ colour: (UInt8, UInt8, UInt8)) {
        guard 0..<width ~= x, 0..<height ~= y else { return }
        let start = (y * width + x) * 3
        (pixels[start], pixels[start + 1], pixels[start + 2]) = colour
    }

    mutating func line(_ a: (Int, Int), _ b: (Int, Int), _ colour: (UInt8, UInt8, UInt8)) {
        let steps = max(abs(b.0 - a.0), abs(b.1 - a.1), 1)
        for step in 0...steps {
            dot(a.0 + (b.0 - a.0) * step / steps, a.1 + (b.1 - a.1) * step / steps, colour)
        }
    }

    mutating func frame(_ margin: Int) {
        let (right, bottom) = (width - margin - 1, height - margin - 1)
        line((margin, bottom), (right, bottom), (60, 60, 60))
        line((margin, margin), (margin, bottom), (60, 60, 60))
    }
}
