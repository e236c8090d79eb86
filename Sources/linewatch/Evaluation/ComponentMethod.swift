import AnomalyModels
import Evaluation
import Imaging
import Inference
import Kernels
import ModelPackages
import Platform
import Training

/// A control for methods that learn from good parts (METHODS.md 4.4): a patch is as anomalous as it is far from the plane
/// of the principal components of their patches. For comparison only: nothing of it is in the product.
struct ComponentMethod: DetectionMethod {
    static let isTrained = false
    /// The share of the variance that the plane keeps. Not tuned.
    private static let share: Float = 0.95
    private let trunks: PatchTrunks
    private let input: MethodInput
    private let views: ReferenceViews?
    private var planes: [PrincipalPlane] = []

    init(trunk: ModelPackage, kernels: KernelTable, input: MethodInput, views: ReferenceViews?) {
        trunks = PatchTrunks(trunk, kernels: kernels, pool: TensorPool())
        (self.input, self.views) = (input, views)
    }

    var threshold: Float? { nil }

    mutating func learn(from references: [RGBImage], seed _: Int) throws {
        let tensors = try references.map { try input.tensor(of: $0, trunks.kernels) }
        let isSquare = tensors.allSatisfy { $0.size.width == $0.size.height }
        var points: [[Float]] = []
        for tensor in tensors {
            for view in (views ?? (isSquare ? .turned : .mirrored)).all {
                let trunk = try trunks.trunk(view.size(tensor.size))
                let vectors = vectors(view.of(tensor.pixels, tensor.size, channels: 3), trunk)
                points = points.isEmpty ? vectors : zip(points, vectors).map { $0 + $1 }
            }
        }
        let taps = try trunks.trunk(tensors[0].size).taps
        planes = zip(points, taps).map { points, tap in
            let whole = PrincipalPlane(points, width: tap.channels, count: tap.channels)
            let said = whole.projected(points), rows = said.count / whole.count
            var variances = [Float](repeating: 0, count: whole.count)
            for row in 0..<rows {
                for axis in 0..<whole.count {
                    variances[axis] += said[row * whole.count + axis] * said[row * whole.count + axis]
                }
            }
            let all = variances.reduce(0, +)
            var sum: Float = 0, kept = 0
            while kept < whole.count, sum < Self.share * all {
                sum += variances[kept]
                kept += 1
            }
            return PrincipalPlane(points, width: tap.channels, count: max(kept, 1))
        }
    }

    mutating func detect(in image: RGBImage) throws -> Detection {
        let tensor = try input.tensor(of: image, trunks.kernels), trunk = try trunks.trunk(tensor.size)
        let start = MonotonicClock.now
        let size = Size(width: tensor.size.width / 2, height: tensor.size.height / 2)
        let whole = trunk.taps.reduce(0) { $0 + $1.weight }
        var map = [Float](repeating: 0, count: size.pixelCount)
        for (tap, points) in vectors(tensor.pixels, trunk).enumerated() {
            let residuals = Self.residuals(points, planes[tap])
            let raised = ScoreMap(size: trunk.grid(tap), scores: residuals).resized(to: size).scores
            let share = trunk.taps[tap].weight / whole
            for cell in map.indices { map[cell] += share * raised[cell] }
        }
        let score = map.sorted().suffix(max(1, map.count / 100)).reduce(0, +) / Float(max(1, map.count / 100))
        return Detection(
            score: score, map: ScoreMap(size: size, scores: map), inputSize: tensor.size,
            nanoseconds: MonotonicClock.now - start)
    }

    /// Of each tap the unit vectors of the patches of `pixels`.
    private func vectors(_ pixels: [UInt8], _ trunk: PatchTrunk) -> [[Float]] {
        // As many bytes as the trunk's input.
        unsafe trunk.withInput { input in unsafe input.copyBytes(from: pixels) }
        trunk.run()
        return trunk.taps.indices.map { tap in
            PatchBasis.units(trunk.codes(tap), trunk.taps[tap].channels)
        }
    }

    /// The distances of `points` from `plane`.
    private static func residuals(_ points: [Float], _ plane: PrincipalPlane) -> [Float] {
        let said = plane.projected(points), width = plane.width
        return (0..<points.count / width).map { row in
            var square: Float = 0
            for index in 0..<width {
                let value = points[row * width + index] - plane.mean[index]
                square += value * value
            }
            for axis in 0..<plane.count {
                square -= said[row * plane.count + axis] * said[row * plane.count + axis]
            }
            return max(square, 0).squareRoot()
        }
    }
}
