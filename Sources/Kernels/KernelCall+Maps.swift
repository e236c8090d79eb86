internal import CKernels

// Calls behind a network: search in banks, resize of score maps. The caller keeps banks and buffers alive.
extension KernelCall {
    /// Bytes of scratch of `nearest`, and of `rarity`.
    package static let nearestScratchBytes = Int(CK_NEAREST_SCRATCH)
    package static let rarityScratchBytes = Int(CK_RARITY_SCRATCH)
    /// The most patches that `rarity` compares with, and the most that it takes the mean of.
    package static let rarityPatches = Int(CK_RARITY_PATCHES)
    package static let rarityNeighbours = Int(CK_RARITY_MOST)

    /// Rows of floats, `stride` apart, `width` of each, as unit vectors in int8, to `queries`, whose rows are `depth`
    /// apart. What lies behind `width` codes of a row stays.
    package static func unitRows(
        _ kernels: KernelTable, _ values: UnsafePointer<Float>, width: Int, stride: Int,
        to queries: QueryRows,
        depth: Int
    ) -> KernelCall {
        precondition(0 < width && width <= min(stride, depth), "\(width) of \(stride) and \(depth)")
        let operands = unsafe ck_unit_rows(
            in: values, width: width, in_stride: stride, codes: queries.codes, code_stride: depth,
            scale: queries.scales)
        return unsafe KernelCall(kernels.table.pointee.f32_unit_rows, operands, unitCount: queries.count)
    }

    /// The cosine of each query to its nearest vector of `bank`: `[queries.count]` to `cosines`, the position
    /// of that vector to `index`, the first of equal ones.
    package static func nearest(
        _ queries: QueryRows, in bank: VectorBank, cosines: UnsafeMutablePointer<Float>,
        index: UnsafeMutablePointer<Int32>
    ) -> KernelCall {
        var operands = unsafe ck_nearest()
        unsafe operands.product = unsafe product(queries, bank.packed)
        unsafe (operands.count, operands.block_rows) = (bank.count, Int(CK_NEAREST_ROWS))
        unsafe (operands.score, operands.index) = unsafe (cosines, index)
        return unsafe KernelCall(
            bank.packed.kernels.table.pointee.qs8_nearest, operands,
            unitCount: blocks(queries, operands.block_rows))
    }

    /// The mean of 1 - cosine of each query, a patch of a grid `across` wide, over those `few` and those `many` vectors
    /// of `patches` that are nearest and do not touch it: `[2, queries.count]` to `means`, 0 where there is none.
    ///
    /// - Precondition: vector i is patch i * `step`; there are at most `rarityPatches`; 0 < `few` <= `many` <=
    ///   `rarityNeighbours`.
    package static func rarity(
        _ queries: QueryRows, across: Int, among patches: PackedVectors, step: Int, few: Int, many: Int,
        means: UnsafeMutablePointer<Float>
    ) -> KernelCall {
        let count = unsafe patches.count
        precondition(
            0 < few && few <= many && many <= rarityNeighbours && step > 0 && 1...rarityPatches ~= count,
            "the \(few) and \(many) nearest of \(count)")
        var operands = unsafe ck_rarity()
        unsafe operands.product = unsafe product(queries, patches)
        unsafe (operands.count, operands.step, operands.across) = (count, step, across)
        unsafe (operands.few, operands.many, operands.block_rows) = (few, many, Int(CK_RARITY_ROWS))
        unsafe (operands.few_mean, operands.many_mean) = unsafe (means, means + queries.count)
        return unsafe KernelCall(
            patches.kernels.table.pointee.qs8_rarity, operands,
            unitCount: blocks(queries, operands.block_rows))
    }

    private static func blocks(_ queries: QueryRows, _ rows: Int) -> Int {
        unsafe (queries.count + rows - 1) / rows
    }

    /// The cosines of each query to every vector of `bank`: `[queries.count, bank.count rounded up to lanes]`
    /// to `cosines`.
    package static func cosines(
        _ queries: QueryRows, to bank: VectorBank, cosines: UnsafeMutablePointer<Float>
    ) -> KernelCall {
        unsafe products(queries, with: bank.packed, products: cosines)
    }

    /// The products of each query, at unit length, with every vector of `bank`: `[queries.count, bank.columns]` to
    /// `products`. With stretched vectors: a linear layer without bias.
    package static func products(
        _ queries: QueryRows, with bank: PackedVectors, products: UnsafeMutablePointer<Float>
    ) -> KernelCall {
        var operands = unsafe product(queries, bank)
        unsafe operands.row_width = queries.count
        unsafe operands.block_rows = min(queries.count, 64)
        unsafe operands.epilogue = CK_FLOAT
        unsafe operands.out = UnsafeMutableRawPointer(products)
        unsafe operands.out_stride = bank.columns
        return unsafe .gemm(bank.kernels, operands)
    }

    /// `rows` x `depth` floats times `[depth, columns]`, rows of `weight` `stride` apart: `[rows, columns]` to `out`.
    /// Each result is one chain of fused multiply-adds over rising depth.
    ///
    /// - Precondition: `stride` is a multiple of `KernelTable.lanes`, at least `columns`; memory is read up to it.
    package static func floatProduct(
        _ kernels: KernelTable, _ a: UnsafePointer<Float>, rows: Int, depth: Int,
        weight: UnsafePointer<Float>, stride: Int, columns: Int, out: UnsafeMutablePointer<Float>
    ) -> KernelCall {
        precondition(stride % KernelTable.lanes == 0 && stride >= columns, "a stride of \(stride)")
        var operands = unsafe ck_f32_gemm()
        unsafe (operands.a, operands.rows, operands.row_width) = unsafe (a, rows, rows)
        unsafe (operands.row_stride, operands.segments, operands.depth) = (depth, 1, depth)
        unsafe (operands.b, operands.columns, operands.b_stride) = unsafe (weight, columns, stride)
        unsafe (operands.block_rows, operands.epilogue) = (min(rows, 64), CK_FLOAT)
        unsafe (operands.out, operands.out_stride) = unsafe (out, columns)
        return unsafe .floatGemm(kernels, operands)
    }

    /// Numbers of a row of `keySoftmax`.
    package static let keyRow = Int(CK_KEY_ROW)

    /// The softmax of each row over the keys of four heads, in place: number 4 k + h of `rows`, `[count, keyRow]`, plus that
    /// of `offsets` is the score of key k for head h. What lies behind the last of `keys` stays.
    ///
    /// - Precondition: `keys` is 1...8.
    package static func keySoftmax(
        _ kernels: KernelTable, _ rows: UnsafeMutablePointer<Float>, count: Int, keys: Int,
        offsets: UnsafePointer<Float>
    ) -> KernelCall {
        precondition(1...keyRow / 4 ~= keys, "\(keys) keys")
        let operands = unsafe ck_key_softmax(rows: rows, offsets: offsets, keys: keys)
        return unsafe KernelCall(kernels.table.pointee.f32_key_softmax, operands, unitCount: count)
    }

    private static func product(_ queries: QueryRows, _ bank: PackedVectors) -> ck_gemm {
        var product = unsafe ck_gemm()
        unsafe (product.a, product.rows, product.row_stride) = unsafe (
            UnsafePointer(queries.codes), queries.count, bank.depth
        )
        unsafe (product.segments, product.depth, product.columns) = unsafe (1, bank.depth, bank.columns)
        unsafe (product.b, product.column_scale) = unsafe (bank.codes, UnsafePointer(bank.scales))
        unsafe (product.offset, product.bias) = unsafe (UnsafePointer(bank.offsets), bank.bias)
        unsafe product.row_scale = UnsafePointer(queries.scales)
        return unsafe product
    }

    /// Bytes of scratch of `resize` for a map of `width` columns.
    package static func resizeScratchBytes(width: Int, outWidth: Int) -> Int {
        ck_bilinear_scratch_bytes(width, 1, outWidth)
    }

    /// A map `[height, width, channels]` to `[outHeight, outWidth, channels]`: bilinear, pixel centres on pixel
    /// centres.
    ///
    /// `map` is followed by `KernelTable.overread` bytes.
    package static func resize(
        _ kernels: KernelTable, _ map: UnsafePointer<Float>, height: Int, width: Int, channels: Int = 1,
        to out: UnsafeMutablePointer<Float>, height outHeight: Int, width outWidth: Int
    ) -> KernelCall {
        var operands = unsafe ck_bilinear()
        unsafe (operands.in, operands.height, operands.width) = unsafe (map, height, width)
        unsafe operands.channels = channels
        unsafe (operands.out, operands.out_height, operands.out_width) = unsafe (out, outHeight, outWidth)
        return unsafe KernelCall(kernels.table.pointee.f32_bilinear, operands, unitCount: outHeight)
    }
}
