import CKernels
import Kernels
import Platform
import Testing

private let channelCounts = [1, 3, 15, 16, 17, 32, 50]

@Suite("the kernels on feature maps equal scalar to the bit")
struct FeatureMapTests {
    @Test("bilinear resize, with both corner conventions", arguments: InstructionSet.vectors)
    func bilinear(instructions: InstructionSet) throws {
        for alignsCorners in [false, true] {
            for (height, width, outHeight, outWidth) in [
                (1, 1, 3, 5), (4, 7, 9, 13), (5, 5, 5, 5), (9, 12, 4, 3), (6, 2, 1, 1), (3, 16, 17, 31),
            ] {
                for channels in channelCounts {
                    var random = SplitMix64(seed: UInt64(channels * outWidth))
                    let values = random.floats(height * width * channels)
                    let bilinear = Bilinear(
                        height: height, width: width, channels: channels, outHeight: outHeight,
                        outWidth: outWidth,
                        alignsCorners: alignsCorners)
                    let expected = bilinear.run(.scalar, values)
                    for split in Split.allCases {
                        try requireSame(
                            bilinear.run(instructions, values, split: split), expected,
                            "\(bilinear), \(split)")
                    }
                }
            }
        }
    }

    @Test("a resize to its own size changes nothing", arguments: InstructionSet.available, [false, true])
    func identity(instructions: InstructionSet, alignsCorners: Bool) throws {
        var random = SplitMix64(seed: 2)
        let values = random.floats(11 * 7 * 5)
        let bilinear = Bilinear(
            height: 11, width: 7, channels: 5, outHeight: 11, outWidth: 7, alignsCorners: alignsCorners)
        try requireSame(bilinear.run(instructions, values), Buffer(values), "\(bilinear)")
    }

    @Test(
        "average and maximum pooling, with and without padding", arguments: InstructionSet.vectors,
        Pool.Kind.allCases)
    func pooling(instructions: InstructionSet, kind: Pool.Kind) throws {
        for (height, width, kernel, stride, pad) in [
            (7, 9, 3, 1, 1), (8, 5, 3, 2, 1), (6, 6, 2, 2, 0), (1, 1, 3, 1, 1), (5, 4, 8, 1, 0),
            (9, 7, 5, 3, 2),
        ] {
            for channels in channelCounts {
                var random = SplitMix64(seed: UInt64(channels * kernel))
                let values = random.floats(height * width * channels)
                let pool = Pool(
                    kind: kind, height: height, width: width, channels: channels, kernel: kernel,
                    stride: stride, pad: pad)
                let expected = pool.run(.scalar, values)
                for split in Split.allCases {
                    try requireSame(
                        pool.run(instructions, values, split: split), expected, "\(pool), \(split)")
                }
            }
        }
    }

    @Test("transposed convolution 2 x 2", arguments: InstructionSet.vectors)
    func transposed(instructions: InstructionSet) throws {
        for channels in [1, 3, 8, 9, 16, 20] {
            for (height, width, inputs) in [(1, 1, 1), (3, 7, 5), (2, 13, 32)] {
                var random = SplitMix64(seed: UInt64(channels * inputs))
                let values = random.floats(height * width * inputs),
                    weights = random.floats(inputs * 4 * channels)
                let bias = random.floats(channels)
                let layer = Transposed2x2(height: height, width: width, inputs: inputs, channels: channels)
                let expected = layer.run(.scalar, values, weights: weights, bias: bias)
                for split in Split.allCases {
                    let result = layer.run(instructions, values, weights: weights, bias: bias, split: split)
                    try requireSame(result, expected, "\(layer), \(split)")
                }
            }
        }
    }

    @Test(
        "depth to space moves every element to its place", arguments: InstructionSet.available, Split.allCases
    )
    func movedElements(instructions: InstructionSet, split: Split) throws {
        for (block, channels, gap) in [(1, 3, 0), (2, 1, 12), (2, 5, 12), (3, 16, 0)] {
            let height = 3, width = 4, pixel = block * block * channels
            let values = (0..<height * width * (pixel + gap)).map { Float($0) }
            let out = depthToSpace(
                instructions, values, height: height, width: width, block: block, channels: channels,
                gap: gap, split: split)
            var expected: [Float] = []
            for y in 0..<height * block {
                for x in 0..<width * block {
                    for c in 0..<channels {
                        let inside = (y % block * block + x % block) * channels + c
                        expected.append(Float((y / block * width + x / block) * (pixel + gap) + inside))
                    }
                }
            }
            try requireSame(out, Buffer(expected), "block \(block), \(channels) channels of 4 bytes")
            let codes = depthToSpace(
                instructions, values.map { UInt8(Int($0) & 255) }, height: height, width: width, block: block,
                channels: channels, gap: gap, split: split)
            try requireSame(
                codes, Buffer(expected.map { UInt8(Int($0) & 255) }),
                "block \(block), \(channels) channels of a byte")
        }
    }

    @Test(
        "the global mean, with codes at the ends of their range, at every zero point",
        arguments: InstructionSet.vectors)
    func mean(instructions: InstructionSet) throws {
        for codes in Codes.allCases {
            for (pixels, channels, gap) in [(1, 16, 0), (49, 48, 16), (300, 32, 3)] {
                var random = SplitMix64(seed: UInt64(pixels))
                let values = codes.activations(pixels * (channels + gap), using: &random)
                for zero in Int32(0)...255 {
                    func run(_ set: InstructionSet, _ split: Split) -> Buffer<Float> {
                        globalMean(
                            set, values, pixels: pixels, channels: channels, gap: gap, zero: zero,
                            scale: 0.0235, split: split)
                    }
                    try requireSame(
                        run(instructions, .backwardsOneByOne), run(.scalar, .whole),
                        "\(pixels) pixels, zero \(zero)")
                }
            }
        }
    }
}
