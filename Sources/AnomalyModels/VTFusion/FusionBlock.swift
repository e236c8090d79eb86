/// The fusion block of VTFusion (METHODS.md 4.3, item 3; a reconstruction), the part of a segmentation head where
/// patches, good patches and words see each other before the first layer. A head without it puts patches and their
/// distances to the nearest side by side.
///
/// With v = [A_8(q); A_16(q)] of a patch at the finest grid, r = [|A_8(q) - A_8(n)|; |A_16(q) - A_16(n)|], T the two
/// sentences of the class, C four centres of the good patches (two of each adapted tap), n(x) = (x - mean) / deviation:
///
///     CA(x, K)  = W_o [attention of heads: W_q (γ n(x) + β), W_k (γ' n(K) + β'), W_v (γ' n(K) + β')], all with bias
///     X         = v + CA(v, [T; C])
///     T'        = T + CA'(T, v of all patches)
///     g         = σ(W_g [X; r] + b_g)          with a gate; without one g = 1
///     Y         = g X + (1 - g) r
///     said      = [v̂ (T_A - T_N) / 0.07, v̂ T'_N, v̂ T'_A],  v̂ = v / |v|
///
/// Y takes the place of A(q) in the first layer, which gets W_said `said` besides. T is what the text adapter made of the
/// sentences: norm(W_p (0.9 T⁰ + 0.1 B ReLU(A T⁰ + a) + b)); a head of one product keeps T alone.
package enum FusionBlock {
    package static let heads = 4
    /// Centres of each adapted tap.
    package static let centres = 2
    /// Numbers of `said`.
    package static let said = 3
    package static let temperature: Float = 0.07
    package static let epsilon: Float = 1e-5
    /// What of the sentences goes past the adapter's bottleneck, and through it.
    package static let kept: Float = 0.9
    package static let adapted: Float = 0.1
    package static let bottleneck = 96

    /// Where patches look at words and centres, and where words look at patches.
    package enum Attention: String, CaseIterable {
        case patches
        case words
    }

    /// Whether it has a gate: it is worth nothing (Documentation/vtfusion.md), and without it all that a patch sees is a
    /// product of few numbers, see `FoldedBlock`.
    package enum Kind: Sendable, Hashable, CaseIterable {
        case open
        case gated
    }

    /// Shapes of the tensors of heads of one product and of all, by name; matrices have a row for each output.
    private static func shared(_ width: Int, _ kind: Kind) -> [(name: String, shape: [Int])] {
        let attentions = Attention.allCases.flatMap { attention -> [(name: String, shape: [Int])] in
            let key = "block.\(attention)"
            return ["query", "key"].flatMap {
                [("\(key).\($0).gain", [width]), ("\(key).\($0).bias", [width])]
            }
                + ["q", "k", "v", "out"].flatMap {
                    [("\(key).\($0).weight", [width, width]), ("\(key).\($0).bias", [width])]
                }
        }
        let gate = [("block.gate.weight", [width, 2 * width]), ("block.gate.bias", [width])]
        return attentions + (kind == .gated ? gate : [])
            + [("block.said", [SegmentationHead.hidden, said])]
    }

    /// Those of a product's head for v, r and tokens of `width` numbers: `block.text` is T, T_N first.
    package static func shapes(width: Int, _ kind: Kind) -> [(name: String, shape: [Int])] {
        shared(width, kind) + [("block.text", [2, width])]
    }

    /// Those of a head for all products: the text adapter, and the sentences of an object that has no name.
    static func sharedShapes(width: Int, _ kind: Kind, sentence: Int) -> [(name: String, shape: [Int])] {
        shared(width, kind) + textShapes(width: width, sentence: sentence) + [("text.object", [2, sentence])]
    }

    /// Those of the text adapter for sentences of so many numbers.
    package static func textShapes(width: Int, sentence: Int) -> [(name: String, shape: [Int])] {
        [
            ("text.a.weight", [bottleneck, sentence]), ("text.a.bias", [bottleneck]),
            ("text.b.weight", [sentence, bottleneck]), ("text.b.bias", [sentence]),
            ("text.projection", [width, sentence]),
        ]
    }

    /// The block of a head of the tensors that `isThere` knows by name; nil if it has none.
    static func kind(_ isThere: (String) -> Bool) -> Kind? {
        isThere("block.said") ? isThere("block.gate.weight") ? .gated : .open : nil
    }

    /// T of the sentences of a class: what the text adapter in `tensors` makes of T_N, then of T_A.
    package static func text(_ columns: ClassColumns, _ tensors: [String: [Float]]) -> [Float] {
        func affine(_ name: String, _ x: [Float], _ bias: [Float]?) -> [Float] {
            let weight = tensors[name] ?? []
            return (0..<weight.count / x.count).map { row in
                x.indices.reduce(bias?[row] ?? 0) { $0 + weight[row * x.count + $1] * x[$1] }
            }
        }
        return [columns.normal, columns.abnormal].flatMap { column in
            let inner = affine("text.a.weight", column, tensors["text.a.bias"]).map { max($0, 0) }
            let outer = affine("text.b.weight", inner, tensors["text.b.bias"])
            let mixed = zip(column, outer).map { kept * $0 + adapted * $1 }
            return unit(affine("text.projection", mixed, nil))
        }
    }
}
