package import Imaging

/// Pictures for calibration and comparison: those of a folder, or procedural ones.
package enum ImageSamples: Sendable {
    /// Paths of image files.
    case files([String])
    case patterns

    /// The image files in `folder`. Throws `ImagingError` if it cannot be read or has none.
    package init(folder: String) throws(ImagingError) {
        self = .files(try ImageFolder.images(in: folder))
    }

    /// What a manifest calls them.
    package var description: String {
        switch self {
        case .files(let paths): "\(paths.count) image files"
        case .patterns: "procedural patterns, seed \(Self.seed)"
        }
    }

    /// Calibration images: all files but the held-back ones, at most 512, or 256 patterns.
    package var calibrationCount: Int {
        switch self {
        case .files(let paths): min(max(1, paths.count - heldBackCount), 512)
        case .patterns: 256
        }
    }

    /// Images that are only compared on.
    package var heldBackCount: Int {
        switch self {
        case .files(let paths): paths.count < 2 ? 1 : min(16, max(1, paths.count / 5))
        case .patterns: 16
        }
    }

    /// Calibration image `index`, RGB `[side, side, 3]`. Throws if its file cannot be read.
    package func calibrationImage(_ index: Int, side: Int) throws(ImagingError) -> [UInt8] {
        guard case .files(let paths) = self else { return try image(index, side: side) }
        // Spread over the folder, whose names often sort by kind.
        return try image(index * max(1, paths.count - heldBackCount) / calibrationCount, side: side)
    }

    /// Held-back image `index`, RGB `[side, side, 3]`. Throws if its file cannot be read.
    package func heldBackImage(_ index: Int, side: Int) throws(ImagingError) -> [UInt8] {
        switch self {
        case .files(let paths): try image(paths.count - 1 - index, side: side)
        case .patterns: PatternImages(seed: Self.seed &+ 1, width: side, height: side).image(index)
        }
    }

    private func image(_ index: Int, side: Int) throws(ImagingError) -> [UInt8] {
        switch self {
        case .files(let paths): try RGBImage(contentsOf: paths[index]).square(side)
        case .patterns: PatternImages(seed: Self.seed, width: side, height: side).image(index)
        }
    }

    private static let seed: UInt64 = 1
}

extension RGBImage {
    /// The middle square, resized to `[side, side, 3]`: area averages where it shrinks, nearest pixels where
    /// it grows.
    func square(_ side: Int) -> [UInt8] {
        let extent = min(size.width, size.height)
        let left = (size.width - extent) / 2, top = (size.height - extent) / 2
        var out = [UInt8](repeating: 0, count: side * side * 3)
        for y in 0..<side {
            let rows = cell(y, of: side, over: extent)
            for x in 0..<side {
                let columns = cell(x, of: side, over: extent)
                for channel in 0..<3 {
                    var sum = 0
                    for row in rows {
                        for column in columns {
                            sum += Int(pixels[((top + row) * size.width + left + column) * 3 + channel])
                        }
                    }
                    let count = rows.count * columns.count
                    out[(y * side + x) * 3 + channel] = UInt8((sum + count / 2) / count)
                }
            }
        }
        return out
    }

    /// The pixels that cell `index` of `count` covers, at least one.
    private func cell(_ index: Int, of count: Int, over extent: Int) -> Range<Int> {
        let start = min(index * extent / count, extent - 1)
        return start..<max((index + 1) * extent / count, start + 1)
    }
}
