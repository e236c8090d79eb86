import Glibc

// Rows `[rows, width]`.
extension ReferenceSession {
    func linear(_ node: Graph.Node, _ linear: Graph.Linear, _ product: FloatProduct) -> FloatBuffer {
        let (source, shape) = input(node), out = newValue(node)
        unsafe product.multiply(
            FloatProduct.Rows(matrix: source.base, count: shape[0], depth: shape[1], stride: shape[1]),
            to: out.base, outStride: product.columns, kernels: kernels)
        apply(linear.activation, to: out)
        if linear.isResidual { add(input(node, 1).buffer, to: out) }
        return out
    }

    func apply(_ activation: Activation, to out: FloatBuffer) {
        let values = unsafe out.values, rootOfHalf = Float(0.5).squareRoot()
        switch activation {
        case .none: return
        case .relu6:
            for i in values.indices { unsafe values[i] = min(max(values[i], 0), 6) }
        case .gelu:
            for i in values.indices {
                let x = unsafe values[i]
                unsafe values[i] = 0.5 * x * (1 + erff(x * rootOfHalf))
            }
        case .quickGELU:
            for i in values.indices {
                let x = unsafe values[i]
                unsafe values[i] = x / (1 + expf(-1.702 * x))
            }
        }
    }

    func layerNorm(_ node: Graph.Node, _ epsilon: Float, _ gain: [Float], _ shift: [Float]) -> FloatBuffer {
        let (source, shape) = input(node), out = newValue(node), width = shape[1]
        for row in 0..<shape[0] {
            let x = unsafe source.base + row * width, y = unsafe out.base + row * width
            var sum = 0.0, squares = 0.0
            for i in 0..<width { sum += Double(unsafe x[i]) }
            let mean = sum / Double(width)
            for i in 0..<width {
                let distance = Double(unsafe x[i]) - mean
                squares += distance * distance
            }
            let factor = 1 / (squares / Double(width) + Double(epsilon)).squareRoot()
            for i in 0..<width {
                unsafe y[i] = Float((Double(x[i]) - mean) * factor) * gain[i] + shift[i]
            }
        }
        return out
    }

    func l2Normalise(_ node: Graph.Node) -> FloatBuffer {
        let (source, shape) = input(node), out = newValue(node), width = shape[1]
        for row in 0..<shape[0] {
            let x = unsafe source.base + row * width, y = unsafe out.base + row * width
            var squares = 0.0
            for i in 0..<width { unsafe squares += Double(x[i]) * Double(x[i]) }
            let length = Float(max(squares.squareRoot(), 1e-12))
            for i in 0..<width { unsafe y[i] = x[i] / length }
        }
        return out
    }

    func embed(_ node: Graph.Node, _ words: [Float], _ positions: [Float]) -> FloatBuffer {
        let out = newValue(node), width = node.shape[1]
        for row in 0..<node.shape[0] {
            let word = Int(ids[row]) * width
            for i in 0..<width {
                unsafe out.base[row * width + i] = words[word + i] + positions[row * width + i]
            }
        }
        return out
    }

    func row(_ node: Graph.Node, _ choice: Graph.RowChoice) -> FloatBuffer {
        let (source, shape) = input(node), out = newValue(node), width = shape[1]
        let row = choice.first(of: shape[0])
        unsafe out.base.update(from: source.base + row * width, count: node.shape[0] * width)
        return out
    }

    func prompts(_ node: Graph.Node, _ count: Int, _ fixed: [Float]) -> FloatBuffer {
        let (source, _) = input(node), out = newValue(node), kept = (node.shape[0] - count) * node.shape[1]
        unsafe out.base.update(from: source.base, count: kept)
        let dynamic = node.inputs.count > 1 ? input(node, 1).buffer : nil
        for i in fixed.indices {
            unsafe out.base[kept + i] = fixed[i] + (dynamic.map { unsafe $0.base[i] } ?? 0)
        }
        return out
    }
}
