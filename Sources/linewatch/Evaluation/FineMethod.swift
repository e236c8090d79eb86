import AnomalyModels
import Evaluation
import Imaging
import Inference
import Kernels
import ModelPackages
import Platform
import Training

/// FINE-R with a frozen trunk (METHODS.md 5.2): each defective image in six views, its patches weighed by the auxiliary
/// image, and a residual head that is trained on these very images without labels.
struct FineMethod: ClusteringMethod {
    /// The image as it is, mirrored, turned and laid over its diagonal.
    private static let views = Array(ReferenceViews.turned.all.prefix(6))
    private let trunks: PatchTrunks
    private let input: MethodInput
    private let auxiliary: DefectFeatures.Auxiliary
    private let workers: Workers
    private(set) var features: DefectFeatures
    private let prepared = Prepared()

    /// The components of the features, fitted once they are asked for.
    private final class Prepared {
        var clustering: DefectClustering?
    }

    init(
        trunk: ModelPackage, kernels: KernelTable, input: MethodInput, auxiliary: DefectFeatures.Auxiliary
    ) throws {
        trunks = PatchTrunks(trunk, kernels: kernels, pool: TensorPool())
        (self.input, self.auxiliary) = (input, auxiliary)
        workers = try Workers(count: 1)
        let taps = try trunks.trunk(Size(width: 64, height: 64)).taps
        features = DefectFeatures(channels: taps.map(\.channels), views: Self.views.count)
    }

    mutating func add(_ image: RGBImage) throws { try add(image, mask: nil) }

    mutating func add(_ image: RGBImage, mask path: String?) throws {
        let tensor = try input.tensor(of: image, trunks.kernels)
        let mask = auxiliary == .given ? try path.map { try RGBImage(contentsOf: $0) } : nil
        for (number, view) in Self.views.enumerated() {
            let trunk = try trunks.trunk(view.size(tensor.size))
            // As many bytes as the trunk's input, whose size is that of the view.
            unsafe trunk.withInput { input in
                unsafe input.copyBytes(from: view.of(tensor.pixels, tensor.size, channels: 3))
            }
            trunk.run()
            let maps = trunk.taps.indices.map { trunk.map($0) }
            features.add(maps, weights(of: maps, view, mask), view: number)
        }
        prepared.clustering = nil
    }

    private func weights(of maps: [PatchMap], _ view: ReferenceViews.View, _ mask: RGBImage?) -> MarkWeights {
        switch auxiliary {
        case .none: return MarkWeights(evenlyOver: maps[0])
        case .generated: return MarkWeights(rarityIn: maps)
        case .given:
            guard let mask else { return MarkWeights(evenlyOver: maps[0]) }
            let size = view.size(mask.size), pixels = view.of(mask.pixels, mask.size, channels: 3)
            return MarkWeights(
                mask: (0..<size.pixelCount).map { pixels[3 * $0] > 127 }, width: size.width,
                height: size.height, columns: maps[0].columns, rows: maps[0].rows)
        }
    }

    /// What sorts the images added; nil if there is none. Blocks the first time.
    var clustering: DefectClustering? {
        guard features.count > 0 else { return nil }
        if prepared.clustering == nil { prepared.clustering = DefectClustering(features, workers: workers) }
        return prepared.clustering
    }

    func clusters(count: Int, seed: Int) throws -> [Int] {
        try clustering?.sorted(into: count, seed: seed).clusters ?? []
    }
}
