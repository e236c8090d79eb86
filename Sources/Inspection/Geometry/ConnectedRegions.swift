/// Finds what is connected in a score map: the 8-connected regions above a limit.
///
/// Makes its memory once, for maps up to a size, and allocates nothing afterwards. Two passes with a union of
/// provisional labels (Rosenfeld and Pfaltz, "Sequential operations in digital picture processing", 1966).
public struct ConnectedRegions: Sendable {
    /// One region, in cells of the map.
    public struct Component: Hashable, BitwiseCopyable, Sendable {
        public var left = 0
        public var top = 0
        /// The first column and row beyond it.
        public var right = 0
        public var bottom = 0
        /// Cells.
        public var area = 0
        public var peak: Float = 0
        public var sum: Float = 0

        public var mean: Float { sum / Float(max(area, 1)) }
    }

    /// The regions of the last call, highest peak first; equal peaks in the order of their first cell.
    public private(set) var found: [Component] = []
    /// All regions of the last call with the area asked for, also those beyond the capacity.
    public private(set) var totalCount = 0

    private let cellCapacity: Int
    private let capacity: Int
    private var labels: [Int32]
    private var parents: [Int32]
    private var regions: [Component]

    /// For maps of at most `cellCount` cells, keeping the `capacity` highest regions of each.
    public init(cellCount: Int, capacity: Int = 32) {
        cellCapacity = cellCount
        self.capacity = capacity
        labels = Array(repeating: 0, count: cellCount)
        // Label 0 is the background; no two neighbouring cells begin a region each.
        parents = Array(repeating: 0, count: cellCount + 1)
        regions = Array(repeating: Component(), count: cellCount + 1)
        found.reserveCapacity(capacity + 1)
    }

    /// Looks through `map`, `[rows, columns]` row-major, for regions of at least `minimumArea` cells above
    /// `limit`. A cell that is no number is above no limit.
    ///
    /// - Precondition: `map.count == rows * columns`, at most the `cellCount` of `init`.
    /// - Complexity: near O(cells). Allocation-free.
    public mutating func find(in map: Span<Float>, columns: Int, above limit: Float, minimumArea: Int = 1) {
        precondition(map.count <= cellCapacity && columns > 0 && map.count % columns == 0)
        let labelCount = label(map, columns: columns, limit: limit)
        found.removeAll(keepingCapacity: true)
        totalCount = 0
        guard labelCount > 0 else { return }
        for label in 1...labelCount { regions[label] = Component(left: .max, top: .max) }
        for index in map.indices where labels[index] != 0 {
            let label = Int(root(labels[index]))
            let (row, column) = index.quotientAndRemainder(dividingBy: columns)
            regions[label].left = min(regions[label].left, column)
            regions[label].top = min(regions[label].top, row)
            regions[label].right = max(regions[label].right, column + 1)
            regions[label].bottom = max(regions[label].bottom, row + 1)
            regions[label].peak = regions[label].area == 0 ? map[index] : max(regions[label].peak, map[index])
            regions[label].area += 1
            regions[label].sum += map[index]
        }
        for label in 1...labelCount where regions[label].area >= max(minimumArea, 1) {
            totalCount += 1
            keep(regions[label])
        }
    }

    /// Gives each cell above the limit a provisional label and joins those that touch. Returns the last label.
    private mutating func label(_ map: Span<Float>, columns: Int, limit: Float) -> Int {
        var last: Int32 = 0
        for index in map.indices {
            guard map[index] > limit else {
                labels[index] = 0
                continue
            }
            let column = index % columns
            var own: Int32 = 0
            // The neighbours that were visited: left, above left, above, above right.
            if column > 0 { join(&own, labels[index - 1]) }
            if index >= columns {
                if column > 0 { join(&own, labels[index - columns - 1]) }
                join(&own, labels[index - columns])
                if column < columns - 1 { join(&own, labels[index - columns + 1]) }
            }
            if own == 0 {
                last += 1
                parents[Int(last)] = last
                own = last
            }
            labels[index] = own
        }
        return Int(last)
    }

    /// Makes `own` and `other` one; the smaller label becomes the root, which keeps results in scan order.
    private mutating func join(_ own: inout Int32, _ other: Int32) {
        guard other != 0 else { return }
        let otherRoot = root(other)
        guard own != 0 else {
            own = otherRoot
            return
        }
        let ownRoot = root(own)
        let smaller = min(ownRoot, otherRoot)
        parents[Int(max(ownRoot, otherRoot))] = smaller
        own = smaller
    }

    private mutating func root(_ label: Int32) -> Int32 {
        var label = label
        while parents[Int(label)] != label {
            parents[Int(label)] = parents[Int(parents[Int(label)])]
            label = parents[Int(label)]
        }
        return label
    }

    /// Puts `region` among the found by its peak; the lowest beyond the capacity falls out.
    private mutating func keep(_ region: Component) {
        var position = found.count
        while position > 0, found[position - 1].peak < region.peak { position -= 1 }
        guard position < capacity else { return }
        found.insert(region, at: position)
        if found.count > capacity { found.removeLast() }
    }
}
