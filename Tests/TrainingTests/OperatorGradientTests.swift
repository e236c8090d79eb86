import Testing
import Training

/// Every operator that is differentiable, at odd sizes.
enum OperatorCase: String, CaseIterable, TestFunction {
    case linear, linearWithoutBias, product, productLeft, productRight, productBoth, productShared
    case add, addRow, addNumber, subtract, multiply, multiplyRow, multiplyNumber, scale, scaleRows
    case gelu, quickGELU, relu, relu6, sigmoid, tanh, abs, exp, square
    case layerNorm, softmax, attention, attentionCausal, attentionLengths, selfAttention
    case reshape, concatenate, concatenateLast, slice, replace, gather, repeated, sharedInput
    case normalise, cosineSimilarity, mean, meanAxis, sumRows, topMean, clamp, reciprocal
    case convolve, convolveSame, convolveStride, convolvePoint, depthwise, depthwiseStride, depthwiseOdd
    case batchNorm, foldedNorm, maxPool, meanPool, meanPoolSame, spaceToDepth
    case resizeUp, resizeDown, resizeAligned, clusterMeans, checkpoint

    var name: String { rawValue }

    var gap: Double { self == .relu || self == .abs || self == .relu6 ? 0.05 : 0 }

    var shapes: [[Int]] {
        switch self {
        case .linear: [[3, 5, 7], [11, 7], [11]]
        case .linearWithoutBias: [[5, 9], [3, 9]]
        case .product: [[3, 5, 7], [3, 7, 9]]
        case .productLeft: [[3, 7, 5], [3, 7, 9]]
        case .productRight: [[3, 5, 7], [3, 9, 7]]
        case .productBoth: [[3, 7, 5], [3, 9, 7]]
        case .productShared: [[3, 5, 7], [7, 9]]
        case .add, .subtract, .multiply: [[3, 5, 7], [3, 5, 7]]
        case .addRow, .multiplyRow: [[3, 5, 17], [17]]
        case .addNumber, .multiplyNumber: [[3, 5, 7], []]
        case .scaleRows: [[3, 5, 7], [3, 5]]
        case .layerNorm: [[3, 5, 19], [19], [19]]
        case .attention: [[2, 5, 12], [2, 7, 12], [2, 7, 12]]
        case .attentionCausal, .attentionLengths: [[2, 5, 12], [2, 5, 12], [2, 5, 12]]
        case .selfAttention: [[2, 5, 36]]
        case .concatenate: [[2, 3, 5], [2, 1, 5], [2, 4, 5]]
        case .concatenateLast: [[3, 5], [3, 9]]
        case .replace: [[2, 5, 7], [2, 2, 7]]
        case .gather: [[5, 7]]
        case .cosineSimilarity: [[5, 7], [3, 7]]
        case .convolve: [[2, 5, 7, 3], [5, 3, 3, 3], [5]]
        case .convolveSame: [[2, 6, 7, 3], [5, 3, 5, 3], [5]]
        case .convolveStride: [[2, 8, 7, 3], [5, 3, 3, 3]]
        case .convolvePoint: [[2, 3, 5, 7], [9, 1, 1, 7], [9]]
        case .depthwise: [[2, 6, 5, 11], [3, 3, 11], [11]]
        case .depthwiseStride: [[2, 8, 6, 11], [5, 5, 11], [11]]
        case .depthwiseOdd: [[3, 7, 5, 3], [3, 3, 3]]
        case .batchNorm, .foldedNorm: [[2, 3, 3, 5], [5], [5]]
        case .maxPool, .meanPool, .meanPoolSame: [[2, 5, 7, 3]]
        case .spaceToDepth: [[2, 4, 6, 3]]
        case .resizeUp, .resizeDown, .resizeAligned: [[2, 5, 7, 3]]
        case .clusterMeans: [[6, 7]]
        case .checkpoint: [[3, 5], [7, 5], [7]]
        default: [[3, 5, 7]]
        }
    }

    func apply<Scalar: TrainingScalar>(_ tape: Tape<Scalar>, _ x: [Tensor<Scalar>]) -> Tensor<Scalar> {
        switch self {
        case .linear: tape.linear(x[0], x[1], x[2])
        case .linearWithoutBias: tape.linear(x[0], x[1], nil)
        case .product, .productShared: tape.product(x[0], x[1])
        case .productLeft: tape.product(x[0], x[1], isLeftTransposed: true, alpha: 0.5)
        case .productRight: tape.product(x[0], x[1], isRightTransposed: true)
        case .productBoth: tape.product(x[0], x[1], isLeftTransposed: true, isRightTransposed: true)
        case .add, .addRow, .addNumber: tape.add(x[0], x[1])
        case .subtract: tape.subtract(x[0], x[1])
        case .multiply, .multiplyRow, .multiplyNumber: tape.multiply(x[0], x[1])
        case .scale: tape.scale(x[0], by: -1.5, offset: 2)
        case .scaleRows: tape.scaleRows(x[0], by: x[1])
        case .gelu: tape.gelu(x[0])
        case .quickGELU: tape.quickGELU(x[0])
        case .relu: tape.relu(x[0])
        case .relu6: tape.relu6(tape.scale(x[0], by: 5))
        case .sigmoid: tape.sigmoid(x[0])
        case .tanh: tape.tanh(x[0])
        case .abs: tape.abs(x[0])
        case .exp: tape.exp(x[0])
        case .square: tape.square(x[0])
        case .layerNorm: tape.layerNorm(x[0], gain: x[1], bias: x[2], epsilon: 1e-5)
        case .softmax: tape.softmax(x[0])
        case .attention: tape.attention(queries: x[0], keys: x[1], values: x[2], heads: 3)
        case .attentionCausal:
            tape.attention(queries: x[0], keys: x[1], values: x[2], heads: 2, mask: .causal)
        case .attentionLengths:
            tape.attention(queries: x[0], keys: x[1], values: x[2], heads: 3, mask: .lengths([3, 5]))
        case .selfAttention: tape.selfAttention(qkv: x[0], heads: 3)
        case .reshape: tape.square(tape.reshape(x[0], [7, 15]))
        case .concatenate: tape.concatenate(x, axis: 1)
        case .concatenateLast: tape.concatenate(x, axis: 1)
        case .slice: tape.slice(x[0], axis: 1, 1..<4)
        case .replace: tape.replace(x[0], axis: 1, 1..<3, by: x[1])
        case .gather: tape.gather(x[0], rows: [4, 0, 2, 4])
        case .repeated: tape.repeated(x[0], 3)
        case .sharedInput: tape.add(tape.multiply(x[0], x[0]), tape.add(x[0], tape.add(x[0], x[0])))
        case .normalise: tape.normalise(x[0])
        case .cosineSimilarity: tape.cosineSimilarity(x[0], x[1])
        case .mean: tape.mean(x[0])
        case .meanAxis: tape.mean(x[0], axis: 1)
        case .sumRows: tape.sumRows(x[0])
        case .topMean: tape.topMean(x[0], share: 0.3)
        case .clamp: tape.clamp(x[0], to: -10...10)
        case .reciprocal: tape.reciprocal(tape.scale(tape.square(x[0]), by: 1, offset: 1))
        default: applySpatial(tape, x)
        }
    }
}

extension OperatorCase {
    /// Operators of pictures, and some that need more than one line.
    fileprivate func applySpatial<Scalar: TrainingScalar>(
        _ tape: Tape<Scalar>, _ x: [Tensor<Scalar>]
    ) -> Tensor<Scalar> {
        switch self {
        case .convolve: tape.convolve(x[0], x[1], x[2], stride: 1, padding: .plain(1))
        case .convolveSame: tape.convolve(x[0], x[1], x[2], stride: 1, padding: .same)
        case .convolveStride: tape.convolve(x[0], x[1], nil, stride: 2, padding: .same)
        case .convolvePoint: tape.convolve(x[0], x[1], x[2], stride: 1, padding: .same)
        case .depthwise: tape.convolveDepthwise(x[0], x[1], x[2], stride: 1, padding: .same)
        case .depthwiseStride: tape.convolveDepthwise(x[0], x[1], x[2], stride: 2, padding: .same)
        case .depthwiseOdd: tape.convolveDepthwise(x[0], x[1], nil, stride: 2, padding: .plain(1))
        case .batchNorm:
            tape.batchNorm(
                x[0], gain: x[1], bias: x[2], statistics: RunningStatistics(channels: 5), epsilon: 1e-3)
        case .foldedNorm:
            tape.foldedNorm(x[0], gain: x[1], bias: x[2], statistics: someStatistics(), epsilon: 1e-3)
        case .maxPool: tape.maxPool(x[0], size: 3, stride: 2, padding: .plain(1))
        case .meanPool: tape.meanPool(x[0], size: 2, stride: 2, padding: .plain(0))
        case .meanPoolSame: tape.meanPool(x[0], size: 3, stride: 2, padding: .same)
        case .spaceToDepth: tape.spaceToDepth(x[0], size: 2)
        case .resizeUp: tape.resize(x[0], height: 10, width: 14, alignsCorners: false)
        case .resizeDown: tape.resize(x[0], height: 3, width: 4, alignsCorners: false)
        case .resizeAligned: tape.resize(x[0], height: 9, width: 5, alignsCorners: true)
        case .clusterMeans: tape.clusterMeans(x[0], labels: [0, 2, 0, 3, 2, 0], clusters: 4)
        case .checkpoint:
            tape.checkpoint { tape in tape.gelu(tape.linear(tape.square(x[0]), x[1], x[2])) }
        default: x[0]
        }
    }

    private func someStatistics<Scalar: TrainingScalar>() -> RunningStatistics<Scalar> {
        let statistics = RunningStatistics<Scalar>(channels: 5)
        statistics.mean = [0.5, -1, 0, 2, 1]
        statistics.variance = [1, 0.5, 2, 3, 0.25]
        return statistics
    }
}

struct OperatorGradientTests {
    @Test(
        "an operator's gradient equals central differences: 1e-6 in double, 1e-3 in single precision",
        arguments: OperatorCase.allCases)
    func differences(operation: OperatorCase) throws {
        let check = GradientCheck(operation, workers: try Workers(count: 2))
        #expect(check.isAlive)
        #expect(check.inDouble <= 1e-6, "\(operation)")
        #expect(check.inFloat <= 1e-3, "\(operation)")
    }
}
