import CKernels
import Kernels
import Platform

/// A bank of int8 vectors and queries for it, with the scales of the codes.
struct Bank {
    var depth: Int
    var vectors: [Int8], vectorScale: [Float]
    var queries: [UInt8], queryScale: [Float], queryZero: [Int32]

    var count: Int { vectors.count / depth }
    var queryCount: Int { queries.count / depth }

    /// Random codes, of which the highest fits are drawn from few values so that equal scores are common.
    init(count: Int, queryCount: Int, depth: Int, codes: Codes = .random, seed: UInt64) {
        var random = SplitMix64(seed: seed)
        self.depth = depth
        vectors = codes.weights(count * depth, using: &random)
        queries = codes.activations(queryCount * depth, using: &random)
        vectorScale = Array(repeating: 1 / 127, count: count)
        queryScale = Array(repeating: 1 / 127, count: queryCount)
        queryZero = Array(repeating: 128, count: queryCount)
    }

    struct Neighbours {
        let score: Buffer<Float>, index: Buffer<Int32>
    }

    /// The `k` nearest for each query by cosine, or by L2 distance.
    func nearest(
        _ k: Int, byDistance: Bool = false, _ instructions: InstructionSet, blockRows: Int = 5,
        split: Split = .whole
    ) -> Neighbours {
        let table = unsafe instructions.table, columns = KernelTable.padded(count)
        let w = vectors + Array(repeating: 0, count: (columns - count) * depth)
        let packed = Buffer<UInt8>(count: unsafe ck_packed_bytes(table, columns, depth))
        unsafe table.pointee.pack(w, columns, depth, packed.raw)
        let sums = Buffer(
            (0..<columns).map { c in (0..<depth).reduce(Int32(0)) { $0 + Int32(w[c * depth + $1]) } })
        // Lengths from the exact integers.
        let squares = (0..<count).map { c in
            Float((0..<depth).reduce(0) { $0 + Int(w[c * depth + $1]) * Int(w[c * depth + $1]) })
                * vectorScale[c] * vectorScale[c]
        }
        let querySquares = Buffer(
            (0..<queryCount).map { q -> Float in
                let sum = (0..<depth).reduce(0) {
                    let code = Int(queries[q * depth + $1]) - Int(queryZero[q])
                    return $0 + code * code
                }
                return Float(sum) * queryScale[q] * queryScale[q]
            })
        let scale = Buffer((0..<columns).map { $0 < count ? (byDistance ? 2 : 1) * vectorScale[$0] : 0 })
        let bias = Buffer((0..<columns).map { $0 < count && byDistance ? -squares[$0] : 0 })
        let a = Buffer(queries), rowScale = Buffer(queryScale), rowZero = Buffer(queryZero)
        let result = Neighbours(score: Buffer(count: queryCount * k), index: Buffer(count: queryCount * k))
        let scratch = Buffer<UInt8>(count: Int(CK_NEAREST_SCRATCH))
        var op = unsafe ck_nearest()
        unsafe (op.product.a, op.product.rows, op.product.row_stride) = (a.read, queryCount, depth)
        unsafe (op.product.segments, op.product.depth, op.product.columns) = (1, depth, columns)
        unsafe (op.product.b, op.product.column_scale) = (UnsafeRawPointer(packed.raw), scale.read)
        unsafe (op.product.column_sum, op.product.bias) = (sums.read, bias.read)
        unsafe (op.product.row_scale, op.product.row_zero) = (rowScale.read, rowZero.read)
        unsafe (op.count, op.block_rows, op.k) = (count, blockRows, k)
        unsafe (op.score, op.index) = (result.score.pointer, result.index.pointer)
        unsafe op.squares = byDistance ? querySquares.read : nil
        split.forEachRange(of: (queryCount + blockRows - 1) / blockRows) { begin, end in
            unsafe table.pointee.qs8_nearest(&op, begin, end, scratch.raw)
        }
        return withExtendedLifetime((packed, sums, querySquares, scale, bias, a, rowScale, rowZero)) {
            result
        }
    }
}
