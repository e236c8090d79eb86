/// How a synthetic anomaly is made (METHODS.md 6). The sources of the ideas stand at the code of each.
public enum SynthesisRecipe: String, CaseIterable, Hashable, Sendable {
    /// A foreign texture inside a Perlin mask, blended with what was there.
    case perlin
    /// The same inside two Perlin masks joined, crossed or alone, on the object only.
    case las
    /// As `perlin`, with textures from other products, colour noise, or the picture at another scale.
    case selftex
    /// Rectangles of a good picture, laid in so that no edge shows.
    case poisson
    /// A rectangle copied elsewhere.
    case cutpaste
    /// A thin turned strip copied elsewhere.
    case scar
    /// A thin curved line, dark or bright.
    case scratch
    /// A blob of other colour with a soft edge.
    case stain
    /// A blob filled with what surrounds it.
    case missing
    /// A local blur.
    case blur
    /// Clustered specks.
    case dots
}

/// How often each recipe is drawn.
public struct SynthesisMix: Sendable {
    /// Recipes with weights above 0.
    let shares: [(recipe: SynthesisRecipe, weight: Float)]

    /// - Precondition: some weight is above 0, none is below.
    public init(_ shares: [SynthesisRecipe: Float]) {
        // In the order of the cases: a dictionary's own order changes from run to run.
        self.shares = SynthesisRecipe.allCases.compactMap { recipe in
            shares[recipe].map { (recipe, $0) }
        }.filter { $0.weight > 0 }
        precondition(
            !self.shares.isEmpty && shares.values.allSatisfy { $0 >= 0 && $0.isFinite }, "weights \(shares)")
    }

    /// 40 % `perlin`, `las` and `selftex`, 25 % `poisson`, 20 % `cutpaste` and `scar`, 10 % `scratch`, `stain` and
    /// `missing`, 5 % `blur` and `dots`, in equal parts.
    public static let standard = SynthesisMix([
        .perlin: 40 / 3, .las: 40 / 3, .selftex: 40 / 3, .poisson: 25, .cutpaste: 10, .scar: 10,
        .scratch: 10 / 3, .stain: 10 / 3, .missing: 10 / 3, .blur: 2.5, .dots: 2.5,
    ])

    /// All recipes in a random order, in which each comes first as often as its weight says.
    func order(_ random: inout CounterRandom) -> [SynthesisRecipe] {
        var rest = shares
        var order: [SynthesisRecipe] = []
        while !rest.isEmpty {
            var place = random.unit() * rest.reduce(0) { $0 + $1.weight }
            var index = 0
            while index < rest.count - 1, place >= rest[index].weight {
                place -= rest[index].weight
                index += 1
            }
            order.append(rest.remove(at: index).recipe)
        }
        return order
    }
}
