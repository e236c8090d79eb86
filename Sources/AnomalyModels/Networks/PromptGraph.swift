import Inference

/// Adds the prompts and the projections of AdaCLIP-E to the graph of a tower, block by block.
///
/// Outputs beside those of the tower: for each tap `prompts.tap{n}` `[tokens, embeddingWidth]`, F_P at unit length, no
/// class token and no prompt among them; `prompts.image` `[1, embeddingWidth]`, F_C at unit length; `prompts.condition`
/// `[1, conditionWidth]`, V norm(f).
package struct PromptGraph {
    private let layout: PromptLayout
    /// Patches of the image.
    private let tokens: Int
    private var dynamic: Graph.Value?

    init(_ layout: PromptLayout, tokens: Int) { (self.layout, self.tokens) = (layout, tokens) }

    /// The tokens `x` as block `index` gets them.
    mutating func before(_ index: Int, _ x: Graph.Value, _ g: inout Graph) -> Graph.Value {
        let place = index - layout.first
        guard layout.kind != .none, 0..<layout.blocks ~= place else { return x }
        if place == 0, layout.kind == .dynamic {
            let z = g.layerNorm(g.firstRow(x, "prompts.class"), "prompts.norm", epsilon: PromptLayout.epsilon)
            dynamic = g.linear(z, "prompts.dynamic", width: PromptLayout.count * layout.width, isFloat: true)
        }
        return g.prompts(
            x, "prompts.block\(place)", count: PromptLayout.count, dynamic: dynamic, replaces: place > 0)
    }

    /// Reads the tokens `x` that block `index` gave, if there is a tap behind it.
    func after(_ index: Int, _ x: Graph.Value, _ g: inout Graph) {
        guard layout.taps.contains(index + 1) else { return }
        let name = "prompts.tap\(index + 1)"
        let rows = g.rows(x, name + ".tokens", 1..<1 + tokens)
        // No norm stands in front: a few channels of a tower can be far greater than all others.
        let said = g.linear(rows, name, width: layout.embeddingWidth, isFine: true)
        g.output(g.l2Normalise(said, name + ".unit"), as: name)
    }

    /// What stands for the image, from the embedding of the tower.
    static func finish(_ embedding: Graph.Value, _ g: inout Graph) {
        let width = g.shape(of: embedding)[1]
        let image = g.linear(embedding, "prompts.image", width: width, isFloat: true)
        g.output(g.l2Normalise(image, "prompts.image.unit"), as: "prompts.image")
        let unit = g.l2Normalise(embedding, "prompts.embedding.unit")
        g.output(
            g.linear(
                unit, "prompts.condition", width: PromptLayout.conditionWidth, hasBias: false, isFloat: true),
            as: "prompts.condition")
    }
}
