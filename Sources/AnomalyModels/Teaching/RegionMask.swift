package import Imaging

/// Which pixels of a region are looked at: white ones are, black ones are not.
package struct RegionMask: Sendable, Hashable {
    /// The PNG or JPEG file.
    package let file: [UInt8]
    /// The size of the region, or of the whole frame.
    package let size: Size
    private let isLooked: [Bool]

    /// Decodes a mask; a pixel is looked at where its red is above 127. `path` is for an error's message only.
    package init(file: [UInt8], path: String) throws(ImagingError) {
        let image = try RGBImage(encoded: file, path: path)
        self.file = file
        size = image.size
        isLooked = (0..<image.size.pixelCount).map { image.pixels[3 * $0] > 127 }
    }

    /// Reads the mask at `path`. Blocks.
    package init(contentsOf path: String) throws(ImagingError) {
        try self.init(file: ImageFile.bytes(of: path), path: path)
    }

    /// The cells of the score map of `tile` that are looked at: 1, or 0 where more than half of a cell's pixels
    /// are black. Nil if the mask has neither the size of `region` nor that of `frame`.
    ///
    /// - Precondition: `tile` is inside `region`, which is inside `frame`.
    package func cells(of tile: Region, in region: Region, frame: Size, mapSize: Size) -> [UInt8]? {
        guard size == region.size || size == frame else { return nil }
        let left = size == region.size ? tile.x - region.x : tile.x
        let top = size == region.size ? tile.y - region.y : tile.y
        let columns = Self.parts(tile.width, mapSize.width), rows = Self.parts(tile.height, mapSize.height)
        return rows.flatMap { row in
            columns.map { column -> UInt8 in
                var looked = 0
                for y in row { looked += column.count { isLooked[(top + y) * size.width + left + $0] } }
                return 2 * looked >= row.count * column.count ? 1 : 0
            }
        }
    }

    /// `length` pixels in `count` parts, each of at least one.
    private static func parts(_ length: Int, _ count: Int) -> [Range<Int>] {
        (0..<count).map { part in
            let start = min(part * length / count, length - 1)
            return start..<max(start + 1, (part + 1) * length / count)
        }
    }
}
