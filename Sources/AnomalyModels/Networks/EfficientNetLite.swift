/// The EfficientNet-Lite networks (Liu 2020, after Tan and Le 2019): no squeeze-and-excitation, ReLU6
/// everywhere but after projections, stem and head never widened, first and last stage never deepened.
package enum EfficientNetLite: Int, Sendable, Hashable, CaseIterable {
    case lite0, lite1, lite2

    /// One inverted bottleneck: 1x1 expand, k x k depthwise, 1x1 project.
    package struct Block: Sendable, Hashable {
        package let kernel: Int
        package let stride: Int
        package let inputChannels: Int
        /// Equal to `inputChannels` where there is no expand convolution.
        package let expandedChannels: Int
        package let outputChannels: Int

        package var expands: Bool { expandedChannels != inputChannels }
        /// Whether the input is added to the output.
        package var hasResidual: Bool { stride == 1 && inputChannels == outputChannels }
    }

    package static let stemChannels = 32
    package static let headChannels = 1280
    package static let classCount = 1000

    /// The side of the square images that the network was trained on, in pixels.
    package var nativeInput: Int {
        switch self {
        case .lite0: 224
        case .lite1: 240
        case .lite2: 260
        }
    }

    /// All blocks in order, from the stem to the head.
    package var blocks: [Block] {
        var blocks: [Block] = []
        var channels = Self.stemChannels
        for (stage, repeats, outputChannels) in zip3(Self.stages, repeats, outputChannels) {
            for index in 0..<repeats {
                blocks.append(
                    Block(
                        kernel: stage.kernel, stride: index == 0 ? stage.stride : 1, inputChannels: channels,
                        expandedChannels: channels * stage.expansion, outputChannels: outputChannels))
                channels = outputChannels
            }
        }
        return blocks
    }

    /// Whether block `index` starts from the depthwise map of the block before it: its expansion contains that
    /// block's projection.
    package func isMerged(_ index: Int) -> Bool { index == 1 }

    private static let stages: [(kernel: Int, expansion: Int, stride: Int)] = [
        (3, 1, 1), (3, 6, 2), (5, 6, 2), (3, 6, 2), (5, 6, 1), (5, 6, 2), (3, 6, 1),
    ]

    private var repeats: [Int] {
        self == .lite0 ? [1, 2, 2, 3, 3, 4, 1] : [1, 3, 3, 4, 4, 5, 1]
    }

    private var outputChannels: [Int] {
        self == .lite2 ? [16, 24, 48, 88, 120, 208, 352] : [16, 24, 40, 80, 112, 192, 320]
    }
}

private func zip3<A, B, C>(_ a: [A], _ b: [B], _ c: [C]) -> [(A, B, C)] {
    zip(zip(a, b), c).map { ($0.0, $0.1, $1) }
}
