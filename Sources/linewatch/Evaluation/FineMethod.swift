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
    /// What is looked at once more when all images are known, for auxiliary images that are made from all of them.
    private var kept: [Kept] = []

    private struct Kept {
        let pixels: [UInt8]
        let size: Size
        let rarity: RarityMap
        /// What the encoder-decoder reads; nil where none is trained.
        let grey: GreyPicture?
    }

    /// Where the mark of each image is thought to be; empty where rarity does not say so.
    private(set) var marks: [MarkWeights] = []

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
        let mask = wanted.contains(.given) ? try path.map { try RGBImage(contentsOf: $0) } : nil
        var rarities: [RarityMap] = []
        for (number, view) in Self.views.enumerated() {
            let (maps, trunk) = try look(view, tensor.pixels, tensor.size)
            var weights: [DefectFeatures.Auxiliary: MarkWeights] = [:]
            if wanted.contains(.given) { weights[.given] = Self.weights(of: maps[0], view, mask) }
            var finest: RarityMap?
            if isMadeOfAll {
                let rarity = try trunks.rarity(view.size(tensor.size)).maps(of: trunk)
                finest = rarity.first
                rarities.append(RarityMap(joining: rarity).seen(from: view))
            }
            features.add(maps, weights, rarity: finest, view: number)
        }
        if isMadeOfAll {
            kept.append(
                Kept(
                    pixels: tensor.pixels, size: tensor.size, rarity: RarityMap(meanOf: rarities),
                    grey: wanted.contains(.learned) ? try grey(image) : nil))
        }
        prepared.clusterings = [:]
    }

    private var wanted: Set<DefectFeatures.Auxiliary> {
        Set(keepsAll ? DefectFeatures.Auxiliary.allCases : [auxiliary])
    }

    /// Some auxiliary image takes all images to make.
    private var isMadeOfAll: Bool { wanted.contains(.generated) || wanted.contains(.learned) }

    private func grey(_ image: RGBImage) throws -> GreyPicture {
        let size = kept.first?.grey?.size ?? Self.greySize(of: image.size)
        let tensor = try MethodInput(size: size, keepsAspect: false).tensor(of: image, trunks.kernels)
        return GreyPicture(size: size, colours: tensor.pixels)
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

    /// Finds the marks now that all images are known, and pools their patches there: where they are rare and marks
    /// usually lie, and where an encoder-decoder that is trained on them expects something else, if that is wanted.
    ///
    /// Blocks, for minutes where one is trained. Throws `TrainingError.notFinite`.
    mutating func findMarks(progress: (Int, Int) -> Void = { _, _ in }) throws {
        defer { kept = [] }
        guard !kept.isEmpty, features.used(.generated) == .generated else { return }
        let rare = kept.map { MarkWeights($0.rarity) }
        let expected = MarkPlaces(rare).expected(rare)
        marks = expected
        if wanted.contains(.generated) {
            for (image, weights) in zip(kept, expected) {
                try pool(image, .generated, weights)
            }
        }
        let greys = kept.compactMap(\.grey)
        guard let size = greys.first?.size else { return }
        let peaks = expected.map { $0.peak(in: size) }, settings = InpaintedMarks.Settings()
        let marks = try InpaintedMarks(fitting: greys, marksAt: peaks, settings, workers: workers) {
            progress($0, settings.steps)
        }
        for (index, weights) in expected.enumerated() {
            let (image, grey, peak) = (kept[index], greys[index], peaks[index])
            let found = marks.marks(in: grey, about: peak)
            try found.contains { $0 > 0 }
                ? pool(image, .learned, found, size) : pool(image, .learned, weights)
        }
    }

    private mutating func pool(
        _ image: Kept, _ auxiliary: DefectFeatures.Auxiliary, _ weights: MarkWeights
    ) throws {
        try pool(image, auxiliary, weights.values, Size(width: weights.columns, height: weights.rows))
    }

    /// Pools the patches of an image's views under `marks`, `[height, width]`.
    private mutating func pool(
        _ image: Kept, _ auxiliary: DefectFeatures.Auxiliary, _ marks: [Float], _ size: Size
    ) throws {
        for (number, view) in Self.views.enumerated() {
            let maps = try look(view, image.pixels, image.size).0, turned = view.size(size)
            let weights = MarkWeights(
                marks: view.of(marks, size, channels: 1), width: turned.width, height: turned.height,
                columns: maps[0].columns, rows: maps[0].rows)
            features.pool(maps, weights, of: auxiliary, view: number)
        }
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

extension RarityMap {
    /// The map of a view, laid back as the image was taken.
    fileprivate func seen(from view: ReferenceViews.View) -> RarityMap {
        let size = Size(width: columns, height: rows), back = view.inverse.size(size)
        return RarityMap(
            columns: back.width, rows: back.height, values: view.inverse.of(values, size, channels: 1))
    }
}
