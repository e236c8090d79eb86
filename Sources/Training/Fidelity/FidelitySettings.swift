// WHAT FIDELITY MODE IS
//
// AdaCLIP (Cao et al., ECCV 2024) as its authors' code computes it, in float32, on imported CLIP towers. It is
// for research and for verification: slow, and never in the daemon. What the product runs is AdaCLIP-E.
//
//     picture ── PictureTensor (Pillow's bicubic) ── FidelityTower (vision, unprompted) ── f
//     f ── FidelityHeads (dynamic prompts) ── FidelityTower (vision, prompted; 48 sentences, prompted)
//     taps ── projections ── logits of each tap ── map ── Gaussian        FidelityNetwork, FidelityMap
//     class token, k-means over patches ── semantic fusion ── score       FidelityNetwork+Fusion
//
// Where that code differs from the paper, or does something that a reader would not expect, a switch of
// `FidelitySettings` chooses. The names Q1 to Q12 are those of the design's list of quirks. Q11 has none here:
// it is about means over data sets, and `Evaluation` leaves sets without both kinds of images out and says so.

/// How AdaCLIP is computed where there is a choice. Initially as the authors' code does.
package struct FidelitySettings: Sendable, Hashable {
    /// Q1: the towers' activation.
    package enum Activation: String, CaseIterable, Sendable {
        /// The erf form, whatever the tower was trained with.
        case gelu
        /// That which the tower was trained with.
        case tower
    }

    /// Q2: where visual prompts stand among the tokens.
    package enum VisualPlace: String, CaseIterable, Sendable {
        case end
        /// Behind the class token, as the paper says. The same up to the order of sums: they have no positions.
        case front
    }

    /// Q3: what textual prompts do to the words.
    package enum TextPlace: String, CaseIterable, Sendable {
        /// They overwrite positions 1 to M before blocks 1 to J - 1; the prompts of block 0 are unused.
        case overwrite
        /// They are put between the start token and the words before block 0, without positions.
        case insert
    }

    /// Q4: what prompts depend on.
    package enum Passes: String, CaseIterable, Sendable {
        /// On the picture, by an unprompted pass before the prompted one.
        case two
        /// On nothing: static prompts only, so that one pass suffices and sentences need no second encoding.
        case one
    }

    /// Q6: how the taps become one map at inference. Training has a softmax for each tap.
    package enum MapRule: String, CaseIterable, Sendable {
        /// The mean of the logits, resized, then softmax.
        case meanLogits = "mean_logits"
        /// Each tap resized, softmax, then the mean.
        case softmaxPerTap = "softmax_per_tap"
        /// The mean difference of the two logits, resized; not squashed.
        case margin
    }

    /// Q8: what the image's embedding is mixed with.
    package enum Fusion: String, CaseIterable, Sendable {
        case code, paper, off
    }

    /// Q9: over what the dice loss is taken.
    package enum DiceRule: String, CaseIterable, Sendable {
        /// Each row of pixels counts as a sample.
        case rows
        case image
    }

    /// Q10: how many pictures a training step may have.
    package enum Batch: String, CaseIterable, Sendable {
        case one
        /// Any number, by the mean of their losses.
        case any
    }

    package var activation = Activation.gelu
    package var visualPrompts = VisualPlace.end
    package var textPrompts = TextPlace.overwrite
    package var passes = Passes.two
    /// Q5: whether maps are resized with the centres of their corners kept.
    package var alignsCorners = true
    package var mapRule = MapRule.meanLogits
    /// Q7: whether logits and probabilities are rounded to half precision, where they saturate at 0 and 1.
    package var emulatesHalf = false
    package var fusion = Fusion.code
    package var dice = DiceRule.rows
    package var batch = Batch.one
    /// Q12: whether prompts are rounded to half precision before they are put in.
    package var roundsPrompts = true

    /// The side of the square input in pixels; the tower's own if nil.
    package var side: Int?
    /// The clusters of the semantic fusion.
    package var clusterCount = 20
    /// The seed of its k-means.
    package var seed: UInt64 = 0
    /// The standard deviation, in pixels of the input, of the Gaussian over the map; 0 for none.
    package var sigma = 4.0

    /// The authors' code.
    package init() {}
}

extension FidelitySettings {
    /// One switch as a text, `key=value`: its name, what it may be, and what it is set to.
    private struct Switch {
        let key: String
        let values: [String]
        let set: @Sendable (inout FidelitySettings, String) -> Void
    }

    private static let switches: [Switch] = [
        choice("activation", \.activation), choice("visual_prompts", \.visualPrompts),
        choice("text_prompts", \.textPrompts), choice("passes", \.passes),
        flag("align_corners", \.alignsCorners),
        choice("map", \.mapRule), flag("emulate_half", \.emulatesHalf), choice("hsf", \.fusion),
        choice("dice", \.dice), choice("batch", \.batch), flag("half_prompts", \.roundsPrompts),
    ]

    private static func choice<Value: RawRepresentable & CaseIterable & Sendable>(
        _ key: String, _ path: WritableKeyPath<FidelitySettings, Value>
    ) -> Switch where Value.RawValue == String {
        // Key paths are not yet sendable by themselves; this one is a literal of stored properties.
        nonisolated(unsafe) let path = path
        return Switch(key: key, values: Value.allCases.map(\.rawValue)) { settings, text in
            if let value = Value(rawValue: text) { unsafe settings[keyPath: path] = value }
        }
    }

    private static func flag(_ key: String, _ path: WritableKeyPath<FidelitySettings, Bool>) -> Switch {
        nonisolated(unsafe) let path = path  // as above
        return Switch(key: key, values: ["true", "false"]) { unsafe $0[keyPath: path] = $1 == "true" }
    }

    /// Every switch with its values, one a line, the authors' first.
    package static var switchList: String {
        switches.map { "\($0.key)=\($0.values.joined(separator: "|"))" }.joined(separator: " ")
    }

    /// Sets a switch from `text`, as in "hsf=paper". Throws `FidelityError.switchUnknown`.
    package mutating func set(_ text: String) throws(FidelityError) {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, let known = Self.switches.first(where: { $0.key == parts[0] }),
            known.values.contains(parts[1])
        else { throw .switchUnknown(text, known: Self.switchList) }
        known.set(&self, parts[1])
    }
}
