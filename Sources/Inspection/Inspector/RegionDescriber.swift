internal import AnomalyModels
internal import Events
internal import Imaging
internal import Inference
internal import Kernels

/// Describes what a detector has found in a tile while the map of that tile is still there: a region may have
/// several tiles, and its findings are known only when all of them were looked at.
///
/// Makes its memory once and allocates nothing afterwards.
struct RegionDescriber {
    private let detector: any MapDetector
    private let embedder: DefectEmbedder
    private let inspection: UInt32
    private var regions: ConnectedRegions
    /// The largest of one tile, as places in what was found.
    private var largest: [Int] = []
    private var candidates: [Candidate] = []

    /// What was described: its box in cells of the region's map.
    struct Candidate {
        var box: ConnectedRegions.Component
        var description: DefectDescription
    }

    /// So many of a tile are described, and so many of a region are kept.
    private static let tileCapacity = Outcome.descriptionCapacity
    private static let capacity = 16

    /// nil if `kinds` is for another trunk than it names. Throws what `PatchTrunk` throws.
    init?(
        _ kinds: InspectionPlan.Kinds, _ detector: any MapDetector, kernels: KernelTable, pool: TensorPool
    ) throws {
        guard kinds.head.width <= DefectDescription.width,
            let embedder = try DefectEmbedder(
                kinds.head, detector: detector, trunk: kinds.trunk, kernels: kernels, pool: pool)
        else { return nil }
        (self.detector, self.embedder, inspection) = (detector, embedder, kinds.inspection)
        regions = ConnectedRegions(cellCount: detector.mapSize.pixelCount)
        largest.reserveCapacity(Self.tileCapacity + 1)
        candidates.reserveCapacity(Self.capacity)
    }

    /// Keeps the picture of a tile, before the detector looks at it. Allocation-free.
    func keep() { embedder.keep() }

    /// Forgets what was described.
    mutating func begin() { candidates.removeAll(keepingCapacity: true) }

    /// Describes the largest regions above `limit` of the tile that was looked at last, whose map begins at `column`,
    /// `row` of the region's. Allocation-free.
    mutating func describe(above limit: Float, column: Int, row: Int) {
        let columns = detector.mapSize.width
        unsafe detector.withMap { map in
            // Inside the closure the map is there.
            unsafe regions.find(in: map.span, columns: columns, above: limit)
        }
        largest.removeAll(keepingCapacity: true)
        for index in regions.found.indices {
            var place = largest.count
            while place > 0, regions.found[largest[place - 1]].area < regions.found[index].area { place -= 1 }
            guard place < Self.tileCapacity else { continue }
            largest.insert(index, at: place)
            if largest.count > Self.tileCapacity { largest.removeLast() }
        }
        for index in largest where candidates.count < Self.capacity {
            let found = regions.found[index]
            embedder.describe(
                Region(
                    x: found.left, y: found.top, width: found.right - found.left,
                    height: found.bottom - found.top))
            var candidate = Candidate(box: found, description: DefectDescription())
            candidate.box.left += column
            candidate.box.right += column
            candidate.box.top += row
            candidate.box.bottom += row
            candidate.description.inspection = inspection
            for axis in embedder.codes.indices { candidate.description.codes[axis] = embedder.codes[axis] }
            candidates.append(candidate)
        }
    }

    /// The description that shares most cells with the box of `component`, of the region's map; nil: none does.
    func description(of component: ConnectedRegions.Component) -> DefectDescription? {
        var best = -1, most = 0
        for (index, candidate) in candidates.enumerated() {
            let width = min(candidate.box.right, component.right) - max(candidate.box.left, component.left)
            let height = min(candidate.box.bottom, component.bottom) - max(candidate.box.top, component.top)
            guard width > 0, height > 0, width * height > most else { continue }
            (best, most) = (index, width * height)
        }
        return best < 0 ? nil : candidates[best].description
    }
}
