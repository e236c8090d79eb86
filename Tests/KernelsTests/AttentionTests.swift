import CKernels
import Kernels
import Platform
import Testing

@Suite("attention equals scalar to the bit")
struct AttentionTests {
    @Test(
        "causal or not, at every head width, however its units are shared out",
        arguments: InstructionSet.vectors)
    func sizes(instructions: InstructionSet) throws {
        for (heads, headWidth) in [(3, 32), (2, 64), (1, 128)] {
            for tokens in [1, 7, 12, 13, 31, 32, 33, 50, 77] {
                for isCausal in [false, true] {
                    let attention = Attention(
                        tokens: tokens, heads: heads, headWidth: headWidth, isCausal: isCausal)
                    var random = SplitMix64(seed: UInt64(tokens * headWidth))
                    let qkv = random.floats(tokens * 3 * heads * headWidth)
                    let expected = attention.run(.scalar, qkv)
                    for split in Split.allCases {
                        try requireSame(
                            attention.run(instructions, qkv, split: split), expected, "\(attention), \(split)"
                        )
                    }
                }
            }
        }
    }

    @Test(
        "with masked keys, rows of zeros and values at the ends of the codes",
        arguments: InstructionSet.vectors)
    func extremes(instructions: InstructionSet) throws {
        let attention = Attention(tokens: 20, heads: 2, headWidth: 64, isCausal: false)
        let count = 20 * 3 * 128
        for qkv in [
            Array(repeating: 0, count: count), Array(repeating: Float(5), count: count),
            (0..<count).map { $0 % 2 == 0 ? 100 : -100 }, (0..<count).map { $0 < 384 ? 0 : 1e-20 },
        ] {
            for visible in [1, 11, 20] {
                try requireSame(
                    attention.run(instructions, qkv, visible: visible),
                    attention.run(.scalar, qkv, visible: visible),
                    "\(visible) visible keys of \(qkv[0]), \(qkv[1]) ...")
            }
        }
    }
}
