package import Inference

extension EfficientNetLite {
    /// The network on RGB pixels `[height, width, 3]`, padding SAME, ReLU6 (METHODS.md 2.2 a).
    ///
    /// Outputs: `block{i}` after the residual add for each of `taps`, and with the classifier `pooled` `[1,
    /// 1280]` and `logits`
    /// `[1, 1000]`. Without it nothing is computed behind the last tap.
    ///
    /// Nothing but the expansion of block 1 reads the projection of block 0, and both are linear: block 1
    /// starts from the depthwise map of block 0 with the product of the two, and the projection is computed
    /// only for its tap.
    package func graph(height: Int, width: Int, taps: [Int], hasClassifier: Bool) -> Graph {
        var g = Graph()
        let kept = hasClassifier ? Set(taps).union([blocks.count - 1]) : Set(taps)
        let maps = addTrunk(to: &g, height: height, width: width, keeping: Array(kept))
        for tap in taps.sorted() {
            if let map = maps[tap] { g.output(map, as: "block\(tap)") }
        }
        guard hasClassifier, let last = maps[blocks.count - 1] else { return g }
        let head = g.convolution(
            last, "head", kernel: 1, stride: 1, channels: Self.headChannels, activation: .relu6)
        let pooled = g.globalMean(head, "pooled")
        g.output(pooled, as: "pooled")
        g.output(g.linear(pooled, "classifier", width: Self.classCount), as: "logits")
        return g
    }

    /// Appends the blocks up to the last of `taps`; the results of those by index, after the residual add.
    package func addTrunk(
        to g: inout Graph, height: Int, width: Int, keeping taps: [Int]
    ) -> [Int: Graph.Value] {
        let image = g.image(height: height, width: width)
        var maps: [Int: Graph.Value] = [:]
        var x = g.convolution(
            image, "stem", kernel: 3, stride: 2, channels: Self.stemChannels, activation: .relu6)
        for (index, block) in blocks.enumerated() {
            let name = "block\(index)"
            var y = x
            if block.expands {
                y = g.convolution(
                    x, "\(name).expand", kernel: 1, stride: 1, channels: block.expandedChannels,
                    activation: .relu6)
            }
            y = g.depthwise(
                y, "\(name).depthwise", kernel: block.kernel, stride: block.stride, activation: .relu6)
            if isMerged(index + 1), index + 1 < blocks.count, !taps.contains(index) {
                x = y
                continue
            }
            x = g.convolution(
                y, "\(name).project", kernel: 1, stride: 1, channels: block.outputChannels, activation: .none,
                residual: block.hasResidual ? x : nil)
            if taps.contains(index) { maps[index] = x }
            if taps.allSatisfy({ $0 <= index }) { break }
            if isMerged(index + 1) { x = y }
        }
        return maps
    }
}
