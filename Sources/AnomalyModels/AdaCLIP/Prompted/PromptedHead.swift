/// AdaCLIP-E on a tower with tokens: prompts that stand among the tokens, projections of the tokens into the space of
/// sentences, and what turns the sentences of a class into its columns (METHODS.md 3.4).
///
///     F_P,l = norm(W_l t_l + b_l)                                      t_l: a token behind tap l
///     F_s   = norm(F0_s + U_s tanh(V norm(f)))                         f: the tower's embedding, s normal or abnormal
///     F0_s  = norm(T_s + e_s + W_b ReLU(W_a T_s + b_a) + b_b)
///     m     = mean over l of F_P,l (F_A - F_N) / τ                      the margin of a token
///     F_I   = norm(0.2 F_HSF + 0.8 F_C), F_C = norm(W f + b)           see `SemanticFusion`
///     S     = F_I (F_A - F_N) / τ + w (mean of the highest hundredth of m)
package struct PromptedHead: Sendable, Hashable {
    /// The tower that the prompts were trained in.
    package let tower: PatchBank.Trunk
    package let layout: PromptLayout
    /// By name; see `shapes`.
    package let tensors: [String: [Float]]
    /// τ.
    package let temperature: Float
    /// w.
    package let peakWeight: Float
    package let fusion: SemanticFusion.Kind
    /// Whether map and score begin with the distances of rare patches, 0...2; else with 1.
    package let usesRarity: Bool
    /// What a margin counts in the map, and S in the score of the image.
    package let mapWeight: Float
    package let imageWeight: Float
    /// The score that splits NG from UNSURE as long as no good part is known, and the usual score of a good one.
    package let limit: Float
    package let median: Float

    package static let adapterWidth = 96

    /// Numbers that are chosen, not trained.
    package struct Choices: Sendable, Hashable {
        package var fusion: SemanticFusion.Kind
        package var usesRarity: Bool
        package var mapWeight: Float
        package var imageWeight: Float
        package var limit: Float
        package var median: Float

        package init(
            fusion: SemanticFusion.Kind, usesRarity: Bool, mapWeight: Float, imageWeight: Float,
            limit: Float = 1, median: Float = 0
        ) {
            (self.fusion, self.usesRarity, self.mapWeight) = (fusion, usesRarity, mapWeight)
            (self.imageWeight, self.limit, self.median) = (imageWeight, limit, median)
        }
    }

    /// - Precondition: `tensors` are as `shapes` says.
    package init(
        tower: PatchBank.Trunk, layout: PromptLayout, tensors: [String: [Float]], temperature: Float,
        peakWeight: Float, choices: Choices
    ) {
        for (name, shape) in Self.shapes(layout) {
            precondition(tensors[name]?.count == shape.reduce(1, *), "tensor '\(name)' of another shape")
        }
        (self.tower, self.layout, self.tensors) = (tower, layout, tensors)
        (self.temperature, self.peakWeight, fusion) = (temperature, peakWeight, choices.fusion)
        (usesRarity, mapWeight) = (choices.usesRarity, choices.mapWeight)
        (imageWeight, limit, median) = (choices.imageWeight, choices.limit, choices.median)
    }

    /// The shapes of the tensors by name: those that the graph reads, then those of the columns.
    package static func shapes(_ layout: PromptLayout) -> [(name: String, shape: [Int])] {
        let width = layout.embeddingWidth
        return layout.shapes + [
            ("columns.normal.weight", [width, PromptLayout.conditionWidth]),
            ("columns.abnormal.weight", [width, PromptLayout.conditionWidth]),
            ("adapter.a.weight", [adapterWidth, width]), ("adapter.a.bias", [adapterWidth]),
            ("adapter.b.weight", [width, adapterWidth]), ("adapter.b.bias", [width]),
            ("anchors", [2, width]),
        ]
    }

    subscript(name: String) -> [Float] { tensors[name] ?? [] }

    /// Those that the graph reads.
    package var weights: FloatWeights {
        var weights = FloatWeights()
        for (name, shape) in layout.shapes { weights.tensors[name] = (shape, self[name]) }
        return weights
    }

    package var choices: Choices {
        Choices(
            fusion: fusion, usesRarity: usesRarity, mapWeight: mapWeight, imageWeight: imageWeight,
            limit: limit, median: median)
    }

    /// The same head with other choices.
    package func with(_ choices: Choices) -> PromptedHead {
        PromptedHead(
            tower: tower, layout: layout, tensors: tensors, temperature: temperature, peakWeight: peakWeight,
            choices: choices)
    }

    /// F0_N and F0_A of a class.
    func columns(_ columns: ClassColumns) -> (normal: [Float], abnormal: [Float]) {
        let adapter = ColumnAdapter(self)
        return (adapter.adapted(columns.normal, anchor: 0), adapter.adapted(columns.abnormal, anchor: 1))
    }
}

/// What turns a mean of sentences into a column of the class.
struct ColumnAdapter {
    private let aWeight, aBias, bWeight, bBias, anchors: [Float]

    init(_ head: PromptedHead) {
        (aWeight, aBias) = (head["adapter.a.weight"], head["adapter.a.bias"])
        (bWeight, bBias) = (head["adapter.b.weight"], head["adapter.b.bias"])
        anchors = head["anchors"]
    }

    /// - Parameter anchor: 0 for the normal column, 1 for the abnormal one.
    func adapted(_ column: [Float], anchor: Int) -> [Float] {
        let inner = Self.affine(aWeight, column, aBias).map { max($0, 0) }
        let outer = Self.affine(bWeight, inner, bBias)
        return unit(column.indices.map { column[$0] + anchors[anchor * column.count + $0] + outer[$0] })
    }

    private static func affine(_ weight: [Float], _ x: [Float], _ bias: [Float]) -> [Float] {
        bias.indices.map { row in
            x.indices.reduce(bias[row]) { $0 + weight[row * x.count + $1] * x[$1] }
        }
    }
}
