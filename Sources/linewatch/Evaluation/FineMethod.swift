import AnomalyModels
import Evaluation
import Imaging
import Inference
import Kernels
import ModelPackages
import Platform
import Training

/// FINE-R with a frozen trunk (METHODS.md 5.2): each defective image in six views, its patches weighed by the auxiliary
/// image where the images have marks, and a residual head that is trained on these very images without labels.
struct FineMethod: ClusteringMethod {
    /// The image as it is, mirrored, turned and laid over its diagonal.
    private static let views = Array(ReferenceViews.turned.all.prefix(6))
    private let trunks: PatchTrunks
    private let input: MethodInput
    let auxiliary: DefectFeatures.Auxiliary
    /// All auxiliary images are kept, so that they can be compared.
    let keepsAll: Bool
    private let workers: Workers
    private(set) var features: DefectFeatures
    private let prepared = Prepared()
    /// For an auxiliary image that is learned from all images: what the trunk and the encoder-decoder read of each.
    private var kept: [(pixels: [UInt8], size: Size, grey: GreyPicture)] = []

    /// The components of the features, fitted once they are asked for.
    private final class Prepared {
        var clusterings: [DefectFeatures.Auxiliary: DefectClustering] = [:]
    }

    init(
        trunk: ModelPackage, kernels: KernelTable, input: MethodInput, auxiliary: DefectFeatures.Auxiliary,
        keepsAll: Bool = false
    ) throws {
        trunks = PatchTrunks(trunk, kernels: kernels, pool: TensorPool())
        (self.input, self.auxiliary, self.keepsAll) = (input, auxiliary, keepsAll)
        workers = try Workers(count: 1)
        let taps = try trunks.trunk(Size(width: 64, height: 64)).taps
        features = DefectFeatures(channels: taps.map(\.channels), views: Self.views.count)
    }

    mutating func add(_ image: RGBImage) throws { try add(image, mask: nil) }

    mutating func add(_ image: RGBImage, mask path: String?) throws {
        let tensor = try input.tensor(of: image, trunks.kernels)
        let wanted = Set(keepsAll ? DefectFeatures.Auxiliary.allCases : [auxiliary])
        let mask = wanted.contains(.given) ? try path.map { try RGBImage(contentsOf: $0) } : nil
        for (number, view) in Self.views.enumerated() {
            let (maps, trunk) = try look(view, tensor.pixels, tensor.size)
            var weights: [DefectFeatures.Auxiliary: MarkWeights] = [:]
            if wanted.contains(.given) { weights[.given] = Self.weights(of: maps[0], view, mask) }
            var rarity: [RarityMap] = []
            if wanted.contains(.generated) || (number == 0 && wanted.contains(.learned)) {
                rarity = try trunks.rarity(view.size(tensor.size)).maps(of: trunk)
            }
            if wanted.contains(.generated) { weights[.generated] = MarkWeights(rarity: rarity) }
            features.add(maps, weights, rarity: rarity.first, view: number)
        }
        if wanted.contains(.learned) {
            let size = kept.first?.grey.size ?? Self.greySize(of: image.size)
            let grey = try MethodInput(size: size, keepsAspect: false).tensor(of: image, trunks.kernels)
            kept.append((tensor.pixels, tensor.size, GreyPicture(size: size, colours: grey.pixels)))
        }
        prepared.clusterings = [:]
    }

    /// The patches of a view of `pixels`, RGB `[height, width, 3]`, and the trunk that saw it.
    private func look(
        _ view: ReferenceViews.View, _ pixels: [UInt8], _ size: Size
    ) throws -> ([PatchMap], PatchTrunk) {
        let trunk = try trunks.trunk(view.size(size))
        // As many bytes as the trunk's input, whose size is that of the view.
        unsafe trunk.withInput { input in
            unsafe input.copyBytes(from: view.of(pixels, size, channels: 3))
        }
        trunk.run()
        return (trunk.taps.indices.map { trunk.map($0) }, trunk)
    }

    /// What the encoder-decoder reads of images of `size`: as many pixels as they have, up to 128 to a side.
    private static func greySize(of size: Size) -> Size {
        func side(_ length: Int) -> Int { min(128, max(32, (length + 8) / 16 * 16)) }
        return Size(width: side(size.width), height: side(size.height))
    }

    /// Trains the encoder-decoder on the images and pools their patches under what it found. Blocks for minutes.
    /// Throws `TrainingError.notFinite`.
    mutating func learnMarks(progress: (Int, Int) -> Void = { _, _ in }) throws {
        guard !kept.isEmpty, features.used(.learned) == .learned else { return }
        let settings = InpaintedMarks.Settings()
        let marks = try InpaintedMarks(fitting: kept.map(\.grey), settings, workers: workers) {
            progress($0, settings.steps)
        }
        for image in kept {
            let found = marks.marks(in: image.grey), grey = image.grey.size
            for (number, view) in Self.views.enumerated() {
                let maps = try look(view, image.pixels, image.size).0, size = view.size(grey)
                let weights = MarkWeights(
                    marks: view.of(found, grey, channels: 1), width: size.width, height: size.height,
                    columns: maps[0].columns, rows: maps[0].rows)
                features.pool(maps, weights, of: .learned, view: number)
            }
        }
        kept = []
    }

    private static func weights(
        of map: PatchMap, _ view: ReferenceViews.View, _ mask: RGBImage?
    ) -> MarkWeights {
        guard let mask else { return MarkWeights(evenlyOver: map) }
        let size = view.size(mask.size), pixels = view.of(mask.pixels, mask.size, channels: 3)
        return MarkWeights(
            mask: (0..<size.pixelCount).map { pixels[3 * $0] > 127 }, width: size.width, height: size.height,
            columns: map.columns, rows: map.rows)
    }

    /// What sorts the images added; nil if there is none. Blocks the first time.
    var clustering: DefectClustering? { clustering(auxiliary) }

    /// The same with another auxiliary image, if all were kept.
    func clustering(_ auxiliary: DefectFeatures.Auxiliary) -> DefectClustering? {
        guard features.count > 0 else { return nil }
        if let known = prepared.clusterings[auxiliary] { return known }
        let made = DefectClustering(features, auxiliary, workers: workers)
        prepared.clusterings[auxiliary] = made
        return made
    }

    func clusters(count: Int, seed: Int) throws -> [Int] {
        try clustering?.sorted(into: count, seed: seed).clusters ?? []
    }
}
