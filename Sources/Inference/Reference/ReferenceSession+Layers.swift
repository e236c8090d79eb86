// Reading weights: names and shapes as the compiler reads them.
extension ReferenceSession.Layer {
    init(_ node: Graph.Node, of graph: Graph, weights: any WeightSource) throws(InferenceError) {
        let from = node.inputs.first.map { graph.nodes[$0].shape } ?? []
        switch node.operation {
        case .convolution(let convolution):
            let k = convolution.kernel, channels = node.shape[2]
            var values = try weights.floats("\(node.name).weight", shape: [channels, k, k, from[2]])
            let map = graph.nodes[node.inputs[0]].name
            if let factors = try weights.factors(map, width: from[2]) {
                for i in values.indices { values[i] *= factors[i % from[2]] }
            }
            self = .product(
                FloatProduct(
                    values, bias: try weights.floats("\(node.name).bias", shape: [channels]),
                    columns: channels,
                    depth: k * k * from[2]))
        case .depthwise(let convolution):
            let k = convolution.kernel, channels = from[2]
            self = .depthwise(
                weights: FloatBuffer(try weights.floats("\(node.name).weight", shape: [k, k, channels])),
                bias: FloatBuffer(try weights.floats("\(node.name).bias", shape: [channels])))
        case .linear(let linear):
            let width = node.shape[1], depth = from[1]
            var values = try weights.floats("\(node.name).weight", shape: [width, depth])
            // Equalised weights expect rows that were multiplied by the factors of their node.
            let rows = graph.nodes[node.inputs[0]].name
            if !linear.isFloat, let factors = try weights.factors(rows, width: depth) {
                for i in values.indices { values[i] *= factors[i % depth] }
            }
            self = .product(
                FloatProduct(
                    values,
                    bias: try linear.hasBias ? weights.floats("\(node.name).bias", shape: [width]) : nil,
                    columns: width, depth: depth))
        case .layerNorm:
            let width = node.shape[1]
            self = .norm(
                gain: try weights.floats("\(node.name).weight", shape: [width]),
                shift: try weights.floats("\(node.name).bias", shape: [width]))
        case .patches(let size, _):
            let count = node.shape[0], width = node.shape[1]
            var positions = try weights.floats("\(node.name).positions", shape: [count, width])
            let token = try weights.floats("\(node.name).class", shape: [width])
            for i in 0..<width { positions[i] += token[i] }
            self = .patches(
                FloatProduct(
                    try weights.floats("\(node.name).patch.weight", shape: [width, size, size, 3]), bias: nil,
                    columns: width, depth: size * size * 3),
                positions: positions)
        case .embeddings(let vocabulary, let hasTypes):
            let width = node.shape[1]
            var positions = try weights.table("\(node.name).position", width: width)
            guard positions.count >= node.shape[0] * width else {
                throw .wrongShape(
                    name: "\(node.name).position", expected: node.shape,
                    found: [positions.count / width, width])
            }
            if hasTypes {
                let type = try weights.floats("\(node.name).type0", shape: [width])
                for i in positions.indices { positions[i] += type[i % width] }
            }
            self = .embeddings(
                words: try weights.floats("\(node.name).word", shape: [vocabulary, width]),
                positions: positions)
        case .sequence:
            self = .positions(try weights.floats("\(node.name).positions", shape: node.shape))
        case .prompts(let count, _):
            self = .positions(try weights.floats(node.name, shape: [count, node.shape[1]]))
        case .image, .tokens, .globalMean, .resize, .attention, .row, .meanOfRows, .l2Normalise:
            self = .none
        }
    }
}
