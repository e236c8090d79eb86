import CKernels
import Kernels

// Products whose rows are read in 16 bits: the product of their codes, plus that of what the codes leave.
extension Compiler {
    mutating func compileFine(_ product: Product, _ node: Graph.Node) throws(InferenceError) -> Location {
        let source = node.inputs[0], shape = graph.nodes[source].shape, rows = shape[0], width = shape[1]
        let rest = program.buffer(byteCount: rows * width * 4)
        let codes = try quantise(source, rest: rest), low = quantisedBuffers(rows: rows, width: width)
        let kernels = kernels
        program.call("\(node.name).rest", uses: [rest, low.codes, low.scale, low.zero]) { at in
            var r = unsafe ck_rows()
            unsafe r.in = UnsafePointer(at.floats(rest))
            unsafe (r.width, r.in_stride) = (width, width)
            unsafe r.codes = at.codes(low.codes)
            unsafe r.scale = at.floats(low.scale)
            unsafe r.zero = at.integers(low.zero)
            return unsafe .quantiseRows(kernels, r, rows: rows)
        }
        let out = program.buffer(byteCount: rows * product.columns * 4)
        multiply(node.name, node, product, codes, to: out, residual: nil)
        let zeros = program.constant([Float](repeating: 0, count: product.columns))
        multiply("\(node.name).fine", node, product, low, to: out, residual: (out, 0), bias: zeros)
        return .rows(out, offset: 0)
    }

    mutating func quantisedBuffers(rows: Int, width: Int) -> QuantisedRows {
        QuantisedRows(
            codes: program.buffer(byteCount: rows * width), scale: program.buffer(byteCount: rows * 4),
            zero: program.buffer(byteCount: rows * 4))
    }
}
