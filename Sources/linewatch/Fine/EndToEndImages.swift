import Imaging
import Kernels
import Training

/// The images of a folder for FINE-R end to end: what is trained on, and where the marks are.
struct EndToEndImages {
    private let side: Int
    private let kernels: KernelTable
    private var pixels: [[UInt8]] = []
    private var masks: [[Float]?] = []

    /// Of `side` x `side` pixels, a multiple of 32.
    init(side: Int, kernels: KernelTable) { (self.side, self.kernels) = (side, kernels) }

    private var input: MethodInput { MethodInput(size: Size(width: side, height: side), keepsAspect: false) }

    mutating func add(_ image: RGBImage, mask path: String?) throws {
        pixels.append(try input.tensor(of: image, kernels).pixels)
        let mask = try path.map { try input.tensor(of: RGBImage(contentsOf: $0), kernels).pixels }
        masks.append(
            mask.map { mask in (0..<side * side).map { mask[3 * $0] > 127 ? 1 : 0 } })
    }

    /// Trains on them and sorts them into `count` kinds. Blocks, for hours where they are large.
    ///
    /// - Parameter weights: where marks are thought to be, for each image; nil for the masks, if all have one.
    func sorted(
        into count: Int, seed: Int, epochs: Int, hasAttention: Bool, weights: [MarkWeights]?,
        progress: (Int) -> Void
    ) throws -> DefectClustering.Sorted {
        let marks = weights?.map { Optional($0.marks(Size(width: side, height: side))) } ?? masks
        let hasMarks = !marks.contains { $0 == nil }
        var settings = EndToEndTraining.Settings()
        (settings.epochs, settings.hasAttention) = (epochs, hasAttention)
        let training = try EndToEndTraining(
            fitting: zip(pixels, marks).map { .init(pixels: $0, marks: hasMarks ? $1 : nil) }, side: side,
            clusters: count, seed: seed, settings, workers: Workers(count: 2), progress: progress)
        let rows = training.embeddings
        return DefectClustering.Sorted(
            clusters: SphericalKMeans(rows, count: count, seed: seed).clusters, embeddings: rows,
            usesHead: true)
    }
}
