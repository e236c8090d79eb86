/// A fusion block for one product: as words and centres stay, what patches say to them and get from them is folded into
/// matrices, in float32 and in one order.
struct FoldedBlock {
    private static let heads = FusionBlock.heads
    /// Words and centres that a patch looks at.
    static let keys = 2 + SegmentationHead.adaptedTaps.count * FusionBlock.centres
    /// Scores of a patch for each key and head, the heads of a key side by side.
    static let looks = keys * heads
    /// Scores that the heads of the words give a patch, those of a word side by side.
    static let words = 2 * heads
    /// All scores of a patch, as many as `KernelCall.keySoftmax` takes: `looks`, then `words`. In the places of the latter it later has what is said of it, and a 1.
    static let all = looks + words
    static let said = looks
    static let one = said + FusionBlock.said

    /// Of n(v): first `looks` rows, then `words`; `[all, width]`, outputs by inputs.
    let scores: [Float]
    /// What is added to the first `looks` scores.
    let offsets: [Float]
    /// From the first `looks` probabilities and the 1 to the change of v, `[width, all]`; other inputs count 0.
    let change: [Float]
    /// From the mean of n(v) that a head of a word saw to what it says: `[width, width]` and bias.
    let seen: [Float]
    let seenBias: [Float]
    /// What the heads of a word say together.
    let out: [Float]
    let outBias: [Float]
    /// T, T_N first, and (T_A - T_N) / 0.07.
    let text: [Float]
    let direction: [Float]

    /// - Precondition: `head` has a block, and there are as many `centres` as keys without the words, `[width]` each.
    init(_ head: SegmentationHead, centres: [[Float]]) {
        let width = SegmentationHead.blockWidth(head.width), heads = Self.heads, size = width / heads
        let scale = 1 / Float(size).squareRoot()
        let text = head["block.text"]
        self.text = text
        let tokens = [Array(text[..<width]), Array(text[width...])] + centres
        precondition(tokens.count == Self.keys, "\(tokens.count) tokens")
        let patches = Side(head, .patches), own = Side(head, .words)
        var scores = [Float](repeating: 0, count: Self.all * width)
        var offsets: [Float] = [], change = scores
        for (index, token) in tokens.enumerated() {
            let normal = patches.normal(token, "key")
            let (k, v) = (patches.affine("k", normal), patches.affine("v", normal))
            let query = patches["q.weight"], bias = patches["q.bias"], gain = patches["query.gain"]
            let shift = patches["query.bias"], out = patches["out.weight"]
            for head in 0..<heads {
                let dimensions = head * size..<(head + 1) * size, place = index * heads + head
                var offset: Float = 0
                for d in dimensions {
                    offset += k[d] * (bias[d] + Self.dot(query[d * width..<(d + 1) * width], shift))
                }
                offsets.append(offset * scale)
                for i in 0..<width {
                    let said = dimensions.reduce(Float(0)) { $0 + k[$1] * query[$1 * width + i] }
                    scores[place * width + i] = said * gain[i] * scale
                    change[i * Self.all + place] = dimensions.reduce(0) { $0 + out[i * width + $1] * v[$1] }
                }
            }
        }
        let key = own["k.weight"], value = own["v.weight"], gain = own["key.gain"]
        for word in 0..<2 {
            // What a query has in common with all patches changes no probability.
            let q = own.affine("q", own.normal(tokens[word], "query"))
            for head in 0..<heads {
                for i in 0..<width {
                    let said = (head * size..<(head + 1) * size).reduce(Float(0)) {
                        $0 + q[$1] * key[$1 * width + i]
                    }
                    scores[(Self.looks + word * heads + head) * width + i] = said * gain[i] * scale
                }
            }
        }
        for (i, bias) in patches["out.bias"].enumerated() { change[i * Self.all + Self.one] = bias }
        (self.scores, self.offsets, self.change) = (scores, offsets, change)
        seen = value.indices.map { value[$0] * gain[$0 % width] }
        seenBias = own.affine("v", own["key.bias"])
        (out, outBias) = (own["out.weight"], own["out.bias"])
        direction = (0..<width).map { (text[width + $0] - text[$0]) / FusionBlock.temperature }
    }

    /// What the first layer of `head`, which has no gate, makes of the probabilities, of what is said and of the 1,
    /// `[hidden, all]`: as X is linear in them, they need not be brought to v first.
    func firstLayer(_ head: SegmentationHead) -> [Float] {
        let inputs = SegmentationHead.adaptedTaps.map {
            (weight: head["input.\($0)"], width: SegmentationHead.inputWidth($0, head.width))
        }
        return (0..<SegmentationHead.hidden).flatMap { row in
            var line = [Float](repeating: 0, count: Self.all)
            for (tap, input) in inputs.enumerated() {
                for index in 0..<head.width {
                    let weight = input.weight[row * input.width + index], place = tap * head.width + index
                    for column in line.indices { line[column] += weight * change[place * Self.all + column] }
                }
            }
            for index in 0..<FusionBlock.said {
                line[Self.said + index] = head["block.said"][row * FusionBlock.said + index]
            }
            return line
        }
    }

    /// The tensors of one attention.
    private struct Side {
        private let head: SegmentationHead
        private let key: String

        init(_ head: SegmentationHead, _ attention: FusionBlock.Attention) {
            (self.head, key) = (head, "block.\(attention).")
        }

        subscript(name: String) -> [Float] { head[key + name] }

        func affine(_ name: String, _ x: [Float]) -> [Float] {
            let weight = self["\(name).weight"], bias = self["\(name).bias"], width = x.count
            return x.indices.map { bias[$0] + dot(weight[$0 * width..<($0 + 1) * width], x) }
        }

        /// γ n(x) + β.
        func normal(_ x: [Float], _ name: String) -> [Float] {
            let gain = self["\(name).gain"], bias = self["\(name).bias"]
            let mean = x.reduce(0, +) / Float(x.count)
            let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(x.count)
            let scale = 1 / (variance + FusionBlock.epsilon).squareRoot()
            return x.indices.map { (x[$0] - mean) * scale * gain[$0] + bias[$0] }
        }
    }

    private static func dot(_ a: ArraySlice<Float>, _ b: [Float]) -> Float {
        var sum: Float = 0
        for (index, value) in a.enumerated() { sum += value * b[index] }
        return sum
    }
}
