import CKernels
import Kernels

// Prompts among the rows of a transformer.
extension Compiler {
    /// Rows that are kept, then prompts. In place where prompts replace others and nothing else reads the rows.
    mutating func compilePrompts(_ node: Graph.Node, _ index: Int, count: Int, replaces: Bool) -> Location {
        let width = node.shape[1], kept = node.shape[0] - count, kernels = kernels
        let from = rows(node.inputs[0])
        let isInPlace = replaces && from.offset == 0 && isLastUse(of: node.inputs[0], at: index)
        let out = isInPlace ? from.buffer : program.buffer(byteCount: node.shape[0] * width * 4)
        if !isInPlace {
            program.call("\(node.name).kept", uses: [from.buffer, out]) { at in
                let source = unsafe UnsafeRawPointer(at.floats(from.buffer, offset: from.offset))
                return unsafe Self.copy(source, rows: kept, width: width, to: at.codes(out), kernels)
            }
        }
        let weights = weights
        let fixed = program.constant(count: count * width) { () throws(InferenceError) in
            try weights.floats(node.name, shape: [count, width])
        }
        let place = kept * width
        guard node.inputs.count > 1 else {
            program.call(node.name, uses: [from.buffer, out]) { at in
                let target = unsafe UnsafeMutableRawPointer(at.floats(out, offset: place))
                return unsafe Self.copy(
                    at.raw(fixed), rows: count, width: width, to: target.assumingMemoryBound(to: UInt8.self),
                    kernels)
            }
            return .rows(out, offset: 0)
        }
        let dynamic = rows(node.inputs[1])
        program.call(node.name, uses: [from.buffer, dynamic.buffer, out]) { at in
            let sum = unsafe ck_sum(
                a: at.floats(dynamic.buffer, offset: dynamic.offset), b: at.floats(fixed), width: width,
                out: at.floats(out, offset: place))
            return unsafe .sum(kernels, sum, rows: count)
        }
        return .rows(out, offset: 0)
    }

    /// Copies rows of floats.
    private static func copy(
        _ source: UnsafeRawPointer, rows: Int, width: Int, to target: UnsafeMutablePointer<UInt8>,
        _ kernels: KernelTable
    ) -> KernelCall {
        var copy = unsafe ck_pad()
        unsafe copy.in = source.assumingMemoryBound(to: UInt8.self)
        unsafe (copy.row_bytes, copy.rows, copy.in_pitch) = (width * 4, rows, width * 4)
        unsafe copy.out = target
        unsafe (copy.out_pitch, copy.out_rows) = (width * 4, rows)
        return unsafe .pad(kernels, copy)
    }
}

extension Graph.RowChoice {
    /// The position of the first row, of `count`.
    func first(of count: Int) -> Int {
        switch self {
        case .first: 0
        case .last: count - 1
        case .from(let row): row
        }
    }
}
