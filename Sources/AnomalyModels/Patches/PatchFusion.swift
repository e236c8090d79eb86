/// Joins what the good parts say of a patch with what its own picture says of it, for each patch alone. It is a
/// stand-in for VTFusion's learned fusion (METHODS.md 4), not that: no text, no adapters, no map network.
///
/// Known of a patch are d, its distance to the nearest patch of the good parts; r, how rare it is in its own
/// picture; and s, how rare that nearest patch is in the picture of its part. A good part may show a thing once: then
/// s is as high as r. A small network per tap adds to d what r and s give reason for; it knows no product. Units 0...7
/// count as far as the good parts resemble each other, units 8...15 as far as they do not: then the nearest patch
/// is not the same thing, and s says nothing. With all outputs 0 the fusion is the nearest-patch detector.
///
/// Plain additions and multiplications of floats in a fixed order: the same to the bit on every instruction set.
package struct PatchFusion: Sendable, Hashable {
    /// The hidden units of a tap.
    package static let width = 16
    /// The inputs: d, s, r, min(d, r) and r - s.
    package static let inputs = 5
    /// One for each tap of the trunk.
    package let taps: [Tap]

    package init(taps: [Tap]) { self.taps = taps }

    /// The distance of unit vectors, 0...2, whose 1 - cosine is `gap`.
    @inline(__always)
    package static func distance(_ gap: Float) -> Float { max(2 * gap, 0).squareRoot() }

    /// The network of one tap: inputs, 16 units with max(0, x), one sum.
    package struct Tap: Sendable, Hashable {
        /// What one input adds to the units.
        package let weights: [SIMD16<Float>]
        package let bias: SIMD16<Float>
        package let outputs: SIMD16<Float>
        package let outputBias: Float

        /// - Precondition: there are `inputs` of `weights`.
        package init(weights: [SIMD16<Float>], bias: SIMD16<Float>, outputs: SIMD16<Float>, outputBias: Float)
        {
            precondition(weights.count == PatchFusion.inputs, "\(weights.count) inputs of a fusion")
            (self.weights, self.bias) = (weights, bias)
            (self.outputs, self.outputBias) = (outputs, outputBias)
        }
    }
}

extension PatchFusion {
    /// Half of what r has over s at strides 8 and 16, all of it, below as well as above, at stride 32; and for parts
    /// that do not resemble each other half of r everywhere.
    ///
    /// Set by hand. The part for parts that resemble each other was chosen on magnetic_tile, glassfiber and practice
    /// pictures; the other, and the degree, after figures of deeppcb and kolektorsdd had been seen, so those are no
    /// clean tests of it. Networks trained on practice pictures found more there and less on photographs.
    package static let standard = PatchFusion(taps: [
        Tap(excess: 0.5, shortfall: 0, rarity: 0.5), Tap(excess: 0.5, shortfall: 0, rarity: 0.5),
        Tap(excess: 1, shortfall: 1, rarity: 0.5),
    ])

    /// The distance alone: what search and rarity say stays side by side.
    package static let distance = PatchFusion(
        taps: (0..<3).map { _ in Tap(excess: 0, shortfall: 0, rarity: 0) })

    /// The fusion for good parts that do not resemble each other to the degree `strangeness`, 0...1.
    func adapted(to strangeness: Float) -> PatchFusion {
        let share = SIMD16(
            lowHalf: SIMD8(repeating: 1 - strangeness), highHalf: SIMD8(repeating: strangeness))
        return PatchFusion(
            taps: taps.map {
                Tap(
                    weights: $0.weights, bias: $0.bias, outputs: $0.outputs * share, outputBias: $0.outputBias
                )
            })
    }
}

extension PatchFusion.Tap {
    /// Adds `excess` times what r has over s, takes away `shortfall` times what it has less, and adds `rarity` times
    /// r for parts that do not resemble each other.
    package init(excess: Float, shortfall: Float, rarity: Float) {
        var difference = SIMD16<Float>.zero, rare = SIMD16<Float>.zero, outputs = SIMD16<Float>.zero
        (difference[0], outputs[0]) = (1, excess)
        (difference[1], outputs[1]) = (-1, -shortfall)
        (rare[8], outputs[8]) = (1, rarity)
        self.init(
            weights: [.zero, .zero, rare, .zero, difference], bias: .zero, outputs: outputs, outputBias: 0)
    }
}

/// The weights of one tap, laid out for the loop over patches.
struct FusionUnits {
    private let nearest, known, rare, both, excess, bias, outputs: SIMD16<Float>
    private let outputBias: Float

    init(_ tap: PatchFusion.Tap) {
        (nearest, known, rare) = (tap.weights[0], tap.weights[1], tap.weights[2])
        (both, excess) = (tap.weights[3], tap.weights[4])
        (bias, outputs, outputBias) = (tap.bias, tap.outputs, tap.outputBias)
    }

    /// The score of a patch at distance `d` whose rarity is `r`, and that of its nearest `s`: 0...2.
    @inline(__always)
    func score(_ d: Float, _ s: Float, _ r: Float) -> Float {
        var units = bias + nearest * d
        units += known * s
        units += rare * r
        units += both * min(d, r)
        units += excess * (r - s)
        units.replace(with: 0, where: units .< 0)
        let terms = units * outputs
        let eight = terms.lowHalf + terms.highHalf
        let four = eight.lowHalf + eight.highHalf
        let two = four.lowHalf + four.highHalf
        return min(max(0, d + (two.x + two.y + outputBias)), 2)
    }
}
