public import Imaging

/// The true regions of a defective image at the size of evaluation.
///
/// - Invariant: `labels` has `size.pixelCount` elements, 0 for good pixels and 1...regionSizes.count else.
public struct DefectMask: Hashable, Sendable {
    /// Width and height in pixels.
    public let size: Size
    /// The region of each pixel, row-major; 0 where there is none.
    public let labels: [Int32]
    /// The pixels of each region, that of label 1 first.
    public let regionSizes: [Int]

    /// Finds the regions of `pixels`, `[height, width]`, row-major: pixels that touch at a side or a corner
    /// belong together.
    ///
    /// - Precondition: `pixels` has `size.pixelCount` elements.
    public init(size: Size, pixels: [Bool]) {
        precondition(pixels.count == size.pixelCount, "\(pixels.count) pixels for \(size)")
        var labels = [Int32](repeating: 0, count: pixels.count)
        var sizes: [Int] = []
        var open: [Int] = []
        for start in pixels.indices where pixels[start] && labels[start] == 0 {
            let label = Int32(sizes.count + 1)
            labels[start] = label
            open.append(start)
            var count = 0
            while let pixel = open.popLast() {
                count += 1
                let x = pixel % size.width, y = pixel / size.width
                for row in max(y - 1, 0)...min(y + 1, size.height - 1) {
                    for column in max(x - 1, 0)...min(x + 1, size.width - 1) {
                        let next = row * size.width + column
                        guard pixels[next], labels[next] == 0 else { continue }
                        labels[next] = label
                        open.append(next)
                    }
                }
            }
            sizes.append(count)
        }
        self.size = size
        self.labels = labels
        regionSizes = sizes
    }

    /// The mask in another size: pixels of which at least half are covered, and of each region that would
    /// leave nothing the best covered pixel (the first of equals).
    ///
    /// - Precondition: `target` is valid.
    public func resized(to target: Size) -> DefectMask {
        precondition(target.isValid, "a mask cannot be \(target)")
        guard target != size else { return self }
        // Shares are counted in parts of 1 / (width * height) of a target pixel: exact in integers.
        var covered = [Int](repeating: 0, count: target.pixelCount)
        var byRegion = [[Int: Int]](repeating: [:], count: regionSizes.count)
        let columns = Self.parts(size.width, target.width), rows = Self.parts(size.height, target.height)
        for pixel in labels.indices where labels[pixel] > 0 {
            for row in rows[pixel / size.width] {
                for column in columns[pixel % size.width] {
                    let cell = row.cell * target.width + column.cell
                    covered[cell] += row.length * column.length
                    byRegion[Int(labels[pixel]) - 1][cell, default: 0] += row.length * column.length
                }
            }
        }
        let whole = size.pixelCount
        var pixels = covered.map { 2 * $0 >= whole }
        for cells in byRegion where !cells.keys.contains(where: { pixels[$0] }) {
            let best = cells.max { ($0.value, -$0.key) < ($1.value, -$1.key) }
            if let best { pixels[best.key] = true }
        }
        return DefectMask(size: target, pixels: pixels)
    }

    /// Where each of `count` source pixels lies among `target` cells: a cell is `count` long, a pixel
    /// `target`.
    private static func parts(_ count: Int, _ target: Int) -> [[(cell: Int, length: Int)]] {
        (0..<count).map { pixel in
            let start = pixel * target, end = start + target
            return (start / count...(end - 1) / count).map { cell in
                (cell, min(end, (cell + 1) * count) - max(start, cell * count))
            }
        }
    }
}

extension DefectMask {
    /// The mask file at `path`: white (above 127) is defective. Blocks. Throws `ImagingError` naming `path`.
    public init(contentsOf path: String) throws(ImagingError) {
        let image = try RGBImage(contentsOf: path)
        self.init(size: image.size, pixels: (0..<image.size.pixelCount).map { image.pixels[3 * $0] > 127 })
    }
}
