package import Imaging

/// A picture with a score for each cell of a map over it: where defects are described.
package protocol ScoredPicture: AnyObject {
    /// Width and height of the picture in pixels.
    var size: Size { get }
    /// Width and height of the map, each half of the picture's.
    var mapSize: Size { get }

    /// Calls `body` with the picture, u8 RGB `[height, width, 3]`.
    func withInput<Result>(_ body: (UnsafeMutableRawBufferPointer) throws -> Result) rethrows -> Result

    /// Calls `body` with the map, `[mapSize.height, mapSize.width]`, row-major, higher for worse.
    func withMap<Result>(_ body: (UnsafeBufferPointer<Float>) throws -> Result) rethrows -> Result
}

extension ScoredPicture {
    /// The box of the cells that hang together with the highest and are above the middle between it and the median.
    package var peak: Region {
        let map = unsafe withMap { unsafe Array($0) }, size = mapSize
        let peak = map.indices.max { map[$0] < map[$1] } ?? 0
        let limit = (map[peak] + map.sorted()[map.count / 2]) / 2
        var open = [peak], seen: Set<Int> = [peak]
        while let cell = open.popLast() {
            let (x, y) = (cell % size.width, cell / size.width)
            for (column, row) in [(x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)]
            where 0..<size.width ~= column && 0..<size.height ~= row {
                let next = row * size.width + column
                if map[next] > limit, seen.insert(next).inserted { open.append(next) }
            }
        }
        let columns = seen.map { $0 % size.width }, rows = seen.map { $0 / size.width }
        let (left, top) = (columns.min() ?? 0, rows.min() ?? 0)
        return Region(
            x: left, y: top, width: (columns.max() ?? 0) - left + 1, height: (rows.max() ?? 0) - top + 1)
    }
}
