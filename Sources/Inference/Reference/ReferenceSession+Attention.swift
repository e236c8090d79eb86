import Glibc

extension ReferenceSession {
    /// softmax(q k^T / sqrt(head width)) v for every head; the input rows are [q | k | v].
    func attention(_ node: Graph.Node, heads: Int, isCausal: Bool) -> FloatBuffer {
        let source = input(node).buffer, out = newValue(node)
        let tokens = node.shape[0], width = node.shape[1], headWidth = width / heads, stride = 3 * width
        let scores = FloatBuffer(count: tokens * tokens)
        let factor = 1 / Float(headWidth).squareRoot()
        for head in 0..<heads {
            let query = unsafe source.base + head * headWidth
            let keys = matrix(
                source, column: width + head * headWidth, headWidth, rows: tokens, stride: stride)
            let values = matrix(
                source, column: 2 * width + head * headWidth, headWidth, rows: tokens, stride: stride)
            unsafe FloatProduct(keys, bias: nil, columns: tokens, depth: headWidth).multiply(
                FloatProduct.Rows(matrix: query, count: tokens, depth: headWidth, stride: stride),
                to: scores.base,
                outStride: tokens, kernels: kernels)
            for row in 0..<tokens {
                unsafe softmax(
                    scores.base + row * tokens, count: tokens, visible: isCausal ? row + 1 : tokens, factor)
            }
            unsafe FloatProduct(
                transposed(values, rows: tokens), bias: nil, columns: headWidth, depth: tokens
            ).multiply(
                FloatProduct.Rows(matrix: scores.base, count: tokens, depth: tokens, stride: tokens),
                to: out.base + head * headWidth, outStride: width, kernels: kernels)
        }
        return out
    }

    /// The columns of one head as a dense matrix.
    private func matrix(_ source: FloatBuffer, column: Int, _ width: Int, rows: Int, stride: Int) -> [Float] {
        var dense: [Float] = []
        dense.reserveCapacity(rows * width)
        for row in 0..<rows {
            unsafe dense += UnsafeBufferPointer(start: source.base + row * stride + column, count: width)
        }
        return dense
    }

    private func transposed(_ values: [Float], rows: Int) -> [Float] {
        let columns = values.count / rows
        var out = [Float](repeating: 0, count: values.count)
        for row in 0..<rows {
            for column in 0..<columns { out[column * rows + row] = values[row * columns + column] }
        }
        return out
    }

    /// In place; entries from `visible` on become 0.
    private func softmax(_ x: UnsafeMutablePointer<Float>, count: Int, visible: Int, _ factor: Float) {
        var greatest = -Float.infinity, sum = 0.0
        for i in 0..<visible { greatest = max(greatest, unsafe x[i]) }
        for i in 0..<visible {
            let p = unsafe expf((x[i] - greatest) * factor)
            unsafe x[i] = p
            sum += Double(p)
        }
        let inverse = Float(1 / sum)
        for i in 0..<visible { unsafe x[i] *= inverse }
        for i in visible..<count { unsafe x[i] = 0 }
    }
}
