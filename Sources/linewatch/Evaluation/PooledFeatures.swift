import AnomalyModels
import Evaluation
import Imaging
import Inference
import Kernels
import ModelPackages

/// The baseline of clustering: the mean patch of the trunk's maps at stride 16 and 32, principal components, k-means.
/// Nothing is trained.
struct PooledFeatures: ClusteringMethod {
    /// Components that are kept.
    private static let componentCount = 64
    private let trunks: PatchTrunks
    private let input: MethodInput
    private var features: [[Double]] = []

    init(trunk: ModelPackage, kernels: KernelTable, input: MethodInput) {
        trunks = PatchTrunks(trunk, kernels: kernels, pool: TensorPool())
        self.input = input
    }

    mutating func add(_ image: RGBImage) throws {
        let tensor = try input.tensor(of: image, trunks.kernels)
        let trunk = try trunks.trunk(tensor.size)
        // As many bytes as the trunk's input, whose size is the tensor's.
        unsafe trunk.withInput { input in unsafe input.copyBytes(from: tensor.pixels) }
        trunk.run()
        features.append(
            trunk.taps.indices.filter { trunk.taps[$0].stride > 8 }.flatMap { Self.mean($0, of: trunk) })
    }

    /// The mean of the unit vectors of tap `index`, as a unit vector.
    private static func mean(_ index: Int, of trunk: PatchTrunk) -> [Double] {
        let patches = unsafe trunk.patches(index), depth = trunk.depth(index)
        let channels = trunk.taps[index].channels
        var sum = [Double](repeating: 0, count: channels)
        for patch in unsafe 0..<patches.count {
            // Rows of `depth` codes with 128 added; the last of them is the last that the trunk wrote.
            let codes = (0..<channels).map { unsafe Double(patches.codes[patch * depth + $0]) - 128 }
            let length = codes.reduce(0) { $0 + $1 * $1 }.squareRoot()
            guard length > 0 else { continue }
            for channel in 0..<channels { sum[channel] += codes[channel] / length }
        }
        let length = max(sum.reduce(0) { $0 + $1 * $1 }.squareRoot(), .leastNormalMagnitude)
        return sum.map { $0 / length }
    }

    func clusters(count: Int, seed: Int) throws -> [Int] {
        KMeans(PrincipalComponents.projected(features, count: Self.componentCount), count: count, seed: seed)
            .clusters
    }
}
