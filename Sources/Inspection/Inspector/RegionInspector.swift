internal import AnomalyModels
internal import Events
internal import Glibc
internal import Imaging
internal import Inference
internal import Kernels
internal import Platform

/// One region of interest with its network: pixels in, a score and a map of scores out.
///
/// A region is looked at whole, or in overlapping tiles of native resolution whose maps are put together: where
/// tiles overlap, the mean counts. The score of the region is that of its worst tile, so that a small defect
/// counts as much in a large region as in a small one.
@safe
final class RegionInspector {
    let rect: Region
    /// Cells of the map of the whole region, and pixels of the frame per cell.
    let columns: Int
    let rows: Int
    let cellWidth: Double
    let cellHeight: Double

    private let tiles: [Tile]
    private let detector: any MapDetector
    private let kernels: KernelTable
    private let scratch: Memory
    /// Sums of scores, then means; and how many tiles cover each cell.
    private var sums: [Float]
    private let shares: [Float]
    /// Cells of the current tile that count: 0 is ignored.
    private var mask: [UInt8]
    /// Describes what is found; nil: nobody asks what kind it is.
    private var describer: RegionDescriber?

    private struct Tile {
        let rect: Region
        let plan: CameraPlan
        /// Where its map begins in that of the region.
        let column: Int
        let row: Int
        /// Of its own map, what counts whatever the frame; nil: everything.
        let mask: [UInt8]?

        /// Rows of the network's input that come from rows of the frame above `validRows` alone; 0 where the tile has
        /// none of these. Where the tile is scaled a row is made of several: the last one may hold a foreign one.
        func realRows(of validRows: Int) -> Int {
            let height = plan.output.height
            let seen = validRows - rect.y
            guard seen < rect.height else { return height }
            guard seen > 0 else { return 0 }
            return rect.height == height ? seen : max(1, seen * height / rect.height - 1)
        }
    }

    /// Lets `detector`, made for the input of `region`, look at it in frames of `format` and `frame`.
    init(
        _ region: TaughtRegion, _ detector: any MapDetector, kinds: InspectionPlan.Kinds?,
        format: PixelFormat, frame: Size, kernels: KernelTable, pool: TensorPool
    ) throws {
        describer = try kinds.flatMap { try RegionDescriber($0, detector, kernels: kernels, pool: pool) }
        rect = region.rect
        let rects = region.tiles
        let masks = try region.masks(frame: frame)
        let input = region.input
        let map = detector.mapSize
        self.detector = detector
        self.kernels = kernels
        let first = rects.first ?? region.rect
        cellWidth = Double(first.width) / Double(map.width)
        cellHeight = Double(first.height) / Double(map.height)
        let (cellWidth, cellHeight) = (cellWidth, cellHeight)
        tiles = try rects.enumerated().map { number, rect in
            let plan = try CameraPlan(
                format: format, frame: frame, crop: rect, output: input, range: .limited,
                scale: SIMD3(repeating: 1), offset: .zero)
            return Tile(
                rect: rect, plan: plan, column: Int((Double(rect.x - region.rect.x) / cellWidth).rounded()),
                row: Int((Double(rect.y - region.rect.y) / cellHeight).rounded()),
                mask: masks?[number])
        }
        columns = (tiles.map(\.column).max() ?? 0) + map.width
        rows = (tiles.map(\.row).max() ?? 0) + map.height
        scratch = try Memory(byteCount: max(64, tiles.map(\.plan.scratchByteCount).max() ?? 0))
        sums = Array(repeating: 0, count: columns * rows)
        mask = Array(repeating: 1, count: map.pixelCount)
        var covers = [Float](repeating: 0, count: columns * rows)
        for tile in tiles {
            for y in 0..<map.height {
                for x in 0..<map.width { covers[(tile.row + y) * columns + tile.column + x] += 1 }
            }
        }
        shares = covers.map { $0 > 0 ? 1 / $0 : 0 }
    }

    /// What one look found, and where its time went.
    struct Look {
        var score: Float = 0
        var preparation = 0
        var network = 0
        var describing = 0
    }

    /// Scores `view`, of which the first `validRows` rows are real: the network sees their mirror image in place of
    /// the others, and only theirs counts. Fills the map. Where a tile scores above `limit`, what it shows is described.
    /// Allocation-free.
    func look(at view: ImageView, validRows: Int, limit: Float?) -> Look {
        var look = Look()
        describer?.begin()
        for index in sums.indices { sums[index] = 0 }
        for (number, tile) in tiles.enumerated() {
            let real = tile.realRows(of: validRows)
            // Nothing of the tile was seen: its part of the map stays 0.
            guard real > 0 else { continue }
            let start = MonotonicClock.now
            detector.begin(tile: number)
            unsafe detector.withInput { input in
                // Scratch memory is as large as the largest plan asks for, page-aligned, and this thread's alone.
                unsafe tile.plan.convert(
                    view, rows: 0..<real, into: input,
                    scratch: UnsafeMutableRawBufferPointer(start: scratch.base, count: scratch.byteCount),
                    with: kernels)
                unsafe Self.mirror(rows: real, of: tile.plan.output, in: input)
            }
            if limit != nil { describer?.keep() }
            let prepared = MonotonicClock.now
            let isMasked = prepareMask(tile, validRows: validRows)
            let score: Float
            if isMasked {
                // A byte for each cell of the detector's map, from the start.
                score = unsafe mask.withUnsafeBufferPointer { unsafe detector.run(mask: $0.baseAddress!) }
            } else {
                score = detector.run()
            }
            look.score = Self.worse(look.score, score)
            add(tile)
            look.preparation += prepared - start
            let networked = MonotonicClock.now
            look.network += networked - prepared
            if let limit, score > limit, describer != nil {
                describer?.describe(above: limit, column: tile.column, row: tile.row)
                look.describing += MonotonicClock.now - networked
            }
        }
        if tiles.count > 1 {
            for index in sums.indices { sums[index] *= shares[index] }
        }
        return look
    }

    /// What the last look said of the region of its map that `component` is; nil where nothing was described.
    func description(of component: ConnectedRegions.Component) -> DefectDescription? {
        describer?.description(of: component)
    }

    /// Runs the network on what its input holds.
    func keepWarm() { _ = detector.run() }

    /// The higher of two scores; no number if either is none, so that such a part is never judged by the rest.
    static func worse(_ left: Float, _ right: Float) -> Float { left.isNaN || left >= right ? left : right }

    /// Calls `body` with the map of the last look, `[rows, columns]`, row-major.
    func withMap<Result>(_ body: (Span<Float>) -> Result) -> Result {
        // A second reference for the time of the call, no copy: nothing writes meanwhile.
        let map = sums
        return body(map.span)
    }

    /// `columns` x `rows` cells from `column`, `row` on as a box of the frame's pixels.
    func box(left: Int, top: Int, right: Int, bottom: Int) -> Region {
        // The last tile lies where the region ends, its cells where whole cells are: half a cell may be beyond.
        let x = min(Int((Double(left) * cellWidth).rounded(.down)), rect.width - 1)
        let y = min(Int((Double(top) * cellHeight).rounded(.down)), rect.height - 1)
        let width = min(Int((Double(right) * cellWidth).rounded(.up)), rect.width) - x
        let height = min(Int((Double(bottom) * cellHeight).rounded(.up)), rect.height) - y
        return Region(x: rect.x + x, y: rect.y + y, width: max(1, width), height: max(1, height))
    }

    /// Fills what is below the first `rows` rows of an input of `size` with their mirror image, again and again: a
    /// texture goes on, where black would be an edge that no good part has. Allocation-free.
    private static func mirror(rows: Int, of size: Size, in input: UnsafeMutableRawBufferPointer) {
        guard let base = input.baseAddress else { return }
        let stride = 3 * size.width
        for row in rows..<max(rows, size.height) {
            let turn = (row - rows) % (2 * rows)
            let source = turn < rows ? rows - 1 - turn : turn - rows
            // Both rows are inside the input, `[height, width, 3]`: source < rows <= row < height.
            unsafe memcpy(base + row * stride, base + source * stride, stride)
        }
    }

    private func add(_ tile: Tile) {
        let map = detector.mapSize
        unsafe detector.withMap { scores in
            for y in 0..<map.height {
                let target = (tile.row + y) * columns + tile.column
                // The detector's map has as many scores as `mapSize` says.
                for x in 0..<map.width { unsafe sums[target + x] += scores[y * map.width + x] }
            }
        }
    }

    /// Says which cells of `tile` count. False if all do.
    private func prepareMask(_ tile: Tile, validRows: Int) -> Bool {
        let map = detector.mapSize
        let real = min(max(Double(validRows - tile.rect.y) / cellHeight, 0), Double(map.height))
        let realRows = Int(real.rounded(.down))
        guard tile.mask != nil || realRows < map.height else { return false }
        for y in 0..<map.height {
            for x in 0..<map.width {
                let cell = y * map.width + x
                mask[cell] = y < realRows ? tile.mask?[cell] ?? 1 : 0
            }
        }
        return true
    }
}
