public import Inference

/// EfficientNet-Lite: the convolutional trunk of the shipped backbone (METHODS.md 2.2 a).
///
/// Batch norm is folded, activation is ReLU6, padding SAME. Outputs: `block{i}` after the residual add, and with the
/// classifier `pooled` `[1, 1280]` and `logits` `[1, 1000]`.
public struct EfficientNetLite: Hashable, Sendable {
    public let name: String
    /// Blocks of each of the seven stages.
    let repeats: [Int]
    /// Output channels of each stage.
    let channels: [Int]
    /// Side of the square input it was trained with, in pixels.
    public let nativeSize: Int

    public static let lite0 = EfficientNetLite(
        name: "efficientnet-lite0", repeats: [1, 2, 2, 3, 3, 4, 1], channels: [16, 24, 40, 80, 112, 192, 320],
        nativeSize: 224)
    public static let lite1 = EfficientNetLite(
        name: "efficientnet-lite1", repeats: [1, 3, 3, 4, 4, 5, 1], channels: [16, 24, 40, 80, 112, 192, 320],
        nativeSize: 240)
    public static let lite2 = EfficientNetLite(
        name: "efficientnet-lite2", repeats: [1, 3, 3, 4, 4, 5, 1], channels: [16, 24, 48, 88, 120, 208, 352],
        nativeSize: 260)
    public static let all = [lite0, lite1, lite2]

    public var blockCount: Int { repeats.reduce(0, +) }

    private static let kernels = [3, 3, 5, 3, 5, 5, 3]
    private static let strides = [1, 2, 2, 2, 1, 2, 1]

    /// The network on RGB pixels `[height, width, 3]`.
    ///
    /// - Parameters:
    ///   - taps: the blocks whose outputs are wanted, counted from 0.
    ///   - hasClassifier: whether the head and the ImageNet classifier follow.
    public func graph(height: Int, width: Int, taps: [Int], hasClassifier: Bool) -> Graph {
        var g = Graph()
        let image = g.image(height: height, width: width)
        var x = g.convolution(image, "stem", kernel: 3, stride: 2, channels: 32, activation: .relu6)
        var block = 0
        for (stage, count) in repeats.enumerated() {
            for i in 0..<count {
                let name = "block\(block)"
                var y = x
                if stage > 0 {
                    y = g.convolution(x, "\(name).expand", kernel: 1, stride: 1, channels: 6 * g.shape(of: x)[2],
                        activation: .relu6)
                }
                y = g.depthwise(y, "\(name).depthwise", kernel: Self.kernels[stage],
                    stride: i == 0 ? Self.strides[stage] : 1, activation: .relu6)
                x = g.convolution(y, "\(name).project", kernel: 1, stride: 1, channels: channels[stage], activation: .none,
                    residual: i > 0 ? x : nil)
                if taps.contains(block) { g.output(x, as: name) }
                block += 1
                // Without the classifier nothing is computed behind the last tap.
                if !hasClassifier && taps.allSatisfy({ $0 < block }) { return g }
            }
        }
        let head = g.convolution(x, "head", kernel: 1, stride: 1, channels: 1280, activation: .relu6)
        let pooled = g.globalMean(head, "pooled")
        g.output(pooled, as: "pooled")
        g.output(g.linear(pooled, "classifier", width: 1000, isFloat: true), as: "logits")
        return g
    }
}
