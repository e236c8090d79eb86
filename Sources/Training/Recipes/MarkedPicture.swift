internal import AnomalyModels
package import Imaging

/// A picture whose scores are given: by a mask, or by what else says where its defect is.
@safe
package final class MarkedPicture: ScoredPicture {
    package let size: Size
    package let mapSize: Size
    private var pixels: [UInt8]
    private var scores: [Float]

    /// For pictures of `size`, whose sides are even; black and without scores.
    package init(size: Size) {
        precondition(size.width % 2 == 0 && size.height % 2 == 0, "\(size)")
        self.size = size
        mapSize = Size(width: size.width / 2, height: size.height / 2)
        pixels = [UInt8](repeating: 0, count: 3 * size.pixelCount)
        scores = [Float](repeating: 0, count: mapSize.pixelCount)
    }

    /// Takes another picture, RGB `[height, width, 3]`, and its scores, `[mapSize.height, mapSize.width]`.
    package func show(_ pixels: [UInt8], scores: [Float]) {
        precondition(
            pixels.count == self.pixels.count && scores.count == self.scores.count,
            "a picture of another size")
        (self.pixels, self.scores) = (pixels, scores)
    }

    package func withInput<Result>(
        _ body: (UnsafeMutableRawBufferPointer) throws -> Result
    ) rethrows -> Result { try unsafe pixels.withUnsafeMutableBytes(body) }

    package func withMap<Result>(
        _ body: (UnsafeBufferPointer<Float>) throws -> Result
    ) rethrows -> Result { try unsafe scores.withUnsafeBufferPointer(body) }
}

extension MarkedPicture {
    /// Scores by region `region` of a mask of its size, `[height, width]`, whose pixels are 0 or the number of a region: the
    /// share of each cell that it covers.
    package func shares(of labels: [Int32], region: Int32) -> [Float] {
        precondition(labels.count == size.pixelCount, "a mask of another size")
        var shares = [Float](repeating: 0, count: mapSize.pixelCount)
        for pixel in labels.indices where labels[pixel] == region {
            let (y, x) = (pixel / size.width, pixel % size.width)
            shares[y / 2 * mapSize.width + x / 2] += 0.25
        }
        return shares
    }
}
