extension Architecture {
    /// The shape of every tensor of `FloatWeights` of a CLIP.
    package static func clipShapes(of network: Clip) -> [String: [Int]] {
        let rules = ClipLayout.rules(of: network, .transformers)
        return Dictionary(rules.map { ($0.target, $0.shape) }) { shape, _ in shape }
    }
}
