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
        let kept = Set(keepsAll ? DefectFeatures.Auxiliary.allCases : [auxiliary])
        let mask = kept.contains(.given) ? try path.map { try RGBImage(contentsOf: $0) } : nil
        for (number, view) in Self.views.enumerated() {
            let size = view.size(tensor.size), trunk = try trunks.trunk(size)
            // As many bytes as the trunk's input, whose size is that of the view.
            unsafe trunk.withInput { input in
                unsafe input.copyBytes(from: view.of(tensor.pixels, tensor.size, channels: 3))
            }
            trunk.run()
            let maps = trunk.taps.indices.map { trunk.map($0) }
            var weights: [DefectFeatures.Auxiliary: MarkWeights] = [:]
            if kept.contains(.given) { weights[.given] = Self.weights(of: maps[0], view, mask) }
            let rarity = kept.contains(.generated) ? try trunks.rarity(size).maps(of: trunk) : []
            if !rarity.isEmpty { weights[.generated] = MarkWeights(rarity: rarity) }
            features.add(maps, weights, rarity: rarity.first, view: number)
        }
        prepared.clusterings = [:]
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
