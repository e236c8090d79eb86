/// The greatest magnitude of every channel of the rows that a transformer computes, over calibration inputs:
/// what equalisation evens out.
package struct ChannelMaxima {
    /// By node name, one value per channel.
    package private(set) var greatest: [String: [Float]] = [:]

    package init() {}

    /// Runs `session` on `tokens` and keeps the maxima. Sessions of different lengths may follow each other.
    package mutating func add(tokens: [Int32], _ session: ReferenceSession) {
        unsafe session.run(tokens: tokens) { node, values in unsafe raise(node, values) }
    }

    package mutating func add(image: [UInt8], _ session: ReferenceSession) {
        unsafe session.run(image: image) { node, values in unsafe raise(node, values) }
    }

    private mutating func raise(_ node: Graph.Node, _ values: UnsafeMutableBufferPointer<Float>) {
        guard node.shape.count == 2 else { return }
        let width = node.shape[1]
        var maxima = greatest.removeValue(forKey: node.name) ?? [Float](repeating: 0, count: width)
        for start in stride(from: 0, to: values.count, by: width) {
            for i in 0..<width { maxima[i] = max(maxima[i], abs(unsafe values[start + i])) }
        }
        greatest[node.name] = maxima
    }
}
