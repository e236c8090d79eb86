public import Kernels
public import Tensors

/// Finds how the feature maps of a convolutional network are written as u8 codes: runs the float reference
/// over pictures and keeps a histogram of every map (METHODS.md 10.1). Memory does not grow with the number
/// of pictures.
public struct Calibration {
    /// How a range is chosen from the values of a map.
    public enum RangeRule: Sendable {
        /// All values but a share of 1 - q, half of it on each side.
        case quantile(Double)
        /// The least squared error of the quantised values.
        case leastError
    }

    private let session: ReferenceSession
    private var histograms: [String: RangeHistogram] = [:]
    /// The least and the greatest value of every channel of every map, by node name.
    package private(set) var channels: [String: ChannelRanges] = [:]
    public private(set) var imageCount = 0

    /// Throws what `weights` throws for a tensor that is missing or has another shape.
    public init(_ graph: Graph, weights: any WeightSource, kernels: KernelTable) throws(InferenceError) {
        session = try ReferenceSession(graph, weights: weights, kernels: kernels, keepsAll: false)
    }

    /// Counts the values of every map that `image`, `[height, width, 3]`, leads to.
    ///
    /// - Precondition: `image` has as many bytes as the graph's input.
    public mutating func add(image: [UInt8]) {
        imageCount += 1
        unsafe session.run(image: image) { node, values in
            guard node.shape.count == 3, node.name != "image" else { return }
            unsafe histograms[node.name, default: RangeHistogram()].add(values)
            unsafe channels[node.name, default: ChannelRanges(width: node.shape[2])].add(values)
        }
    }

    /// The quantisation of every map and of `image`, by node name. ReLU6 maps have zero point 0 and a scale
    /// up to 6 / 255.
    public func parameters(_ rule: RangeRule) -> [String: QuantisationParameters] {
        var result = ["image": QuantisationParameters(scale: 1 / 128, zeroPoint: 127)]
        for (name, histogram) in histograms {
            let range =
                switch rule {
                case .quantile(let q): histogram.range(cuttingOff: 1 - q)
                case .leastError: histogram.rangeOfLeastError()
                }
            result[name] = QuantisationParameters(covering: range)
        }
        return result
    }
}

/// The least and the greatest value of every channel of a map.
package struct ChannelRanges: Sendable {
    package private(set) var least: [Float]
    package private(set) var greatest: [Float]

    init(width: Int) {
        least = [Float](repeating: .infinity, count: width)
        greatest = [Float](repeating: -.infinity, count: width)
    }

    mutating func add(_ values: UnsafeMutableBufferPointer<Float>) {
        let width = least.count
        for start in stride(from: 0, to: values.count, by: width) {
            for i in 0..<width {
                least[i] = min(least[i], unsafe values[start + i])
                greatest[i] = max(greatest[i], unsafe values[start + i])
            }
        }
    }
}

extension QuantisationParameters {
    /// 255 steps over `range`, which contains zero; zero is a code.
    init(covering range: ClosedRange<Float>) {
        let span = range.upperBound - range.lowerBound
        guard span > 0 else {
            self.init(scale: 1 / 255, zeroPoint: 0)
            return
        }
        let scale = span / 255
        let zero = (-range.lowerBound / scale).rounded(.toNearestOrEven)
        self.init(scale: scale, zeroPoint: Int32(min(max(zero, 0), 255)))
    }
}
