public import Imaging

/// A score for each pixel: `[height, width]`, row-major, top row first; higher is more anomalous.
public struct ScoreMap: Hashable, Sendable {
    /// Width and height in pixels.
    public let size: Size
    /// `size.pixelCount` scores.
    public let scores: [Float]

    /// - Precondition: `size` is valid and `scores` has `size.pixelCount` elements.
    public init(size: Size, scores: [Float]) {
        precondition(size.isValid && scores.count == size.pixelCount, "\(scores.count) scores for \(size)")
        self.size = size
        self.scores = scores
    }

    /// The map in another size: bilinear, pixel centres on pixel centres, borders repeated.
    ///
    /// - Precondition: `target` is valid.
    public func resized(to target: Size) -> ScoreMap {
        precondition(target.isValid, "a map cannot be \(target)")
        guard target != size else { return self }
        let columns = (0..<target.width).map { Self.source($0, size.width, target.width) }
        var result: [Float] = []
        result.reserveCapacity(target.pixelCount)
        for y in 0..<target.height {
            let row = Self.source(y, size.height, target.height)
            let top = row.first * size.width, bottom = row.second * size.width
            for column in columns {
                let upper = Self.mixed(scores[top + column.first], scores[top + column.second], column.share)
                let lower = Self.mixed(
                    scores[bottom + column.first], scores[bottom + column.second], column.share)
                result.append(Self.mixed(upper, lower, row.share))
            }
        }
        return ScoreMap(size: target, scores: result)
    }

    /// The map after a Gaussian of standard deviation `sigma` pixels, cut at four of them, borders mirrored
    /// (the border pixel twice), as scipy.ndimage has it. Zero changes nothing.
    ///
    /// - Precondition: `sigma` is finite and not negative.
    public func smoothed(sigma: Double) -> ScoreMap {
        precondition(sigma >= 0 && sigma.isFinite, "a Gaussian of \(sigma) pixels")
        guard sigma > 0 else { return self }
        let radius = Int(4 * sigma + 0.5)
        let bell = (-radius...radius).map { Self.bell(Double($0) / sigma) }
        let sum = bell.reduce(0, +)
        let kernel = bell.map { Float($0 / sum) }
        let rows = Self.convolved(
            scores, kernel, count: size.width, step: 1, lines: size.height, next: size.width)
        return ScoreMap(
            size: size,
            scores: Self.convolved(
                rows, kernel, count: size.height, step: size.width, lines: size.width, next: 1))
    }

    /// exp(-x * x / 2) by squaring: this module has no library of functions.
    private static func bell(_ x: Double) -> Double {
        // e^-y = (e^(-y / 1024))^1024, the small power by its series.
        let y = x * x / 2048
        var value = 1 - y + y * y / 2 - y * y * y / 6 + y * y * y * y / 24
        for _ in 0..<10 { value *= value }
        return value
    }

    /// `lines` lines of `count` values, `step` apart, each convolved with `kernel`.
    private static func convolved(
        _ values: [Float], _ kernel: [Float], count: Int, step: Int, lines: Int, next: Int
    ) -> [Float] {
        let radius = kernel.count / 2
        let mirrored = (-radius..<count + radius).map { index -> Int in
            let place = ((index % (2 * count)) + 2 * count) % (2 * count)
            return place < count ? place : 2 * count - 1 - place
        }
        var result = values
        for line in 0..<lines {
            for index in 0..<count {
                var sum: Float = 0
                for tap in kernel.indices {
                    sum += kernel[tap] * values[line * next + mirrored[index + tap] * step]
                }
                result[line * next + index * step] = sum
            }
        }
        return result
    }

    private static func source(_ index: Int, _ count: Int, _ target: Int) -> (
        first: Int, second: Int, share: Float
    ) {
        let at = max((Float(index) + 0.5) * Float(count) / Float(target) - 0.5, 0)
        let first = min(Int(at), count - 1)
        return (first, min(first + 1, count - 1), at - Float(first))
    }

    private static func mixed(_ a: Float, _ b: Float, _ share: Float) -> Float { a + (b - a) * share }
}
