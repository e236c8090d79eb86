import CKernels
import Kernels
import Platform

/// A bank of int8 vectors and queries for it, with the scales of the codes.
struct Bank {
    var depth: Int
    var vectors: [Int8], vectorScale: [Float]
    /// Codes + 128.
    var queries: [UInt8], queryScale: [Float]

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
    }

    /// The product of query `query` and vector `row`, exactly.
    func dot(_ query: Int, _ row: Int) -> Int {
        (0..<depth).reduce(0) {
            $0 + (Int(queries[query * depth + $1]) - 128) * Int(vectors[row * depth + $1])
        }
    }

    struct Neighbours {
        let score: Buffer<Float>, index: Buffer<Int32>
    }

    /// The nearest for each query by cosine.
    func nearest(
        _ instructions: InstructionSet, blockRows: Int = 5, split: Split = .whole
    ) -> Neighbours {
        let result = Neighbours(score: Buffer(count: queryCount), index: Buffer(count: queryCount))
        let scratch = Buffer<UInt8>(count: Int(CK_NEAREST_SCRATCH))
        unsafe withProduct(instructions) { product in
            var op = unsafe ck_nearest()
            unsafe (op.product, op.count, op.block_rows) = unsafe (product, count, blockRows)
            unsafe (op.score, op.index) = (result.score.pointer, result.index.pointer)
            split.forEachRange(of: (queryCount + blockRows - 1) / blockRows) { begin, end in
                unsafe instructions.table.pointee.qs8_nearest(&op, begin, end, scratch.raw)
            }
        }
        return result
    }

    /// The rarity of each query among the vectors, the queries a grid `across` wide and vector i patch i * `step`: the means
    /// over the `few` and then those over the `many` nearest.
    func rarity(
        across: Int, step: Int, few: Int, many: Int, _ instructions: InstructionSet, blockRows: Int = 5,
        split: Split = .whole
    ) -> (few: Buffer<Float>, many: Buffer<Float>) {
        let result = (few: Buffer<Float>(count: queryCount), many: Buffer<Float>(count: queryCount))
        let scratch = Buffer<UInt8>(count: Int(CK_RARITY_SCRATCH))
        unsafe withProduct(instructions) { product in
            var op = unsafe ck_rarity()
            unsafe (op.product, op.count, op.step, op.across) = unsafe (product, count, step, across)
            unsafe (op.few, op.many, op.block_rows) = (few, many, blockRows)
            unsafe (op.few_mean, op.many_mean) = (result.few.pointer, result.many.pointer)
            split.forEachRange(of: (queryCount + blockRows - 1) / blockRows) { begin, end in
                unsafe instructions.table.pointee.qs8_rarity(&op, begin, end, scratch.raw)
            }
        }
        return result
    }

    /// Calls `body` with the product of the queries and the bank.
    private func withProduct(_ instructions: InstructionSet, _ body: (ck_gemm) -> Void) {
        let table = unsafe instructions.table, columns = KernelTable.padded(count)
        let w = vectors + Array(repeating: 0, count: (columns - count) * depth)
        let packed = Buffer<UInt8>(count: unsafe ck_packed_bytes(table, columns, depth))
        unsafe table.pointee.pack(w, columns, depth, packed.raw)
        let offset = Buffer(
            (0..<columns).map { c in (0..<depth).reduce(Int32(0)) { $0 - 128 * Int32(w[c * depth + $1]) } })
        let scale = Buffer((0..<columns).map { $0 < count ? vectorScale[$0] : 0 })
        let bias = Buffer([Float](repeating: 0, count: columns))
        let a = Buffer(queries), rowScale = Buffer(queryScale)
        var product = unsafe ck_gemm()
        unsafe (product.a, product.rows, product.row_stride) = (a.read, queryCount, depth)
        unsafe (product.segments, product.depth, product.columns) = (1, depth, columns)
        unsafe (product.b, product.column_scale) = (UnsafeRawPointer(packed.raw), scale.read)
        unsafe (product.offset, product.bias) = (offset.read, bias.read)
        unsafe product.row_scale = rowScale.read
        withExtendedLifetime((packed, offset, scale, bias, a, rowScale)) { unsafe body(product) }
    }
}
