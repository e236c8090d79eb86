package import CKernels

/// One kernel with its operands, ready to run any range of its units. Running it is allocation-free.
///
/// The operands live in memory that the call allocated when it was made and that `destroy` frees.
@safe
package struct KernelCall: @unchecked Sendable {
    // @unchecked: the operands are written once, before the first run; units are independent of each other.
    package typealias Function =
        @convention(c) (
            UnsafeRawPointer, Int, Int, UnsafeMutableRawPointer?
        ) -> Void

    private let function: Function
    private let operands: UnsafeMutableRawPointer
    package let unitCount: Int

    /// Copies `operands`; `kernel` is a function of `ck_kernels` that takes a pointer to them.
    init<Operands, Kernel>(_ kernel: Kernel, _ operands: Operands, unitCount: Int) {
        let memory = UnsafeMutablePointer<Operands>.allocate(capacity: 1)
        unsafe memory.initialize(to: operands)
        unsafe self.operands = UnsafeMutableRawPointer(memory)
        // Both are C function pointers of the same shape; only the pointee of the first argument is named
        // differently.
        unsafe function = unsafe unsafeBitCast(kernel, to: Function.self)
        self.unitCount = unitCount
    }

    /// Computes `units`. `scratch` belongs to the calling thread.
    @inline(__always)
    package func run(_ units: Range<Int>, scratch: UnsafeMutableRawPointer) {
        unsafe function(operands, units.lowerBound, units.upperBound, scratch)
    }

    /// Frees the operands. No run may follow.
    package func destroy() { unsafe operands.deallocate() }
}

extension KernelCall {
    /// A matrix product or implicit convolution.
    package static func gemm(_ kernels: KernelTable, _ operands: ck_gemm) -> KernelCall {
        var operands = unsafe operands
        unsafe check(operands)
        unsafe operands.panels = kernels.panels(columns: operands.columns)
        let blocks = unsafe (operands.rows + operands.block_rows - 1) / operands.block_rows
        return unsafe KernelCall(
            kernels.table.pointee.qu8_qc8w_gemm, operands, unitCount: blocks * operands.panels)
    }

    private static func check(_ g: ck_gemm) {
        unsafe precondition(
            g.depth % 4 == 0 && g.depth > 0 && g.columns % KernelTable.lanes == 0 && g.columns > 0,
            "product of depth \(g.depth) and \(g.columns) columns")
        unsafe precondition(
            g.segments * g.depth <= 65_536, "depth \(g.segments * g.depth) may overflow int32")
        unsafe precondition(g.rows > 0 && g.row_width > 0 && g.block_rows > 0, "product of \(g.rows) rows")
    }

    /// A feed-forward block.
    package static func mlp(_ kernels: KernelTable, _ operands: ck_mlp) -> KernelCall {
        var operands = unsafe operands
        unsafe check(operands.first)
        unsafe check(operands.second)
        unsafe precondition(operands.block_rows <= Int(CK_MLP_ROWS), "block of \(operands.block_rows) rows")
        unsafe operands.first.panels = kernels.panels(columns: operands.first.columns)
        unsafe operands.second.panels = kernels.panels(columns: operands.second.columns)
        let blocks = unsafe (operands.rows + operands.block_rows - 1) / operands.block_rows
        return unsafe KernelCall(kernels.table.pointee.qd8_qc8w_mlp, operands, unitCount: blocks)
    }

    package static func depthwise(_ kernels: KernelTable, _ operands: ck_depthwise) -> KernelCall {
        unsafe precondition(
            operands.channels % KernelTable.lanes == 0 && (operands.kernel == 3 || operands.kernel == 5),
            "depthwise \(operands.kernel) x \(operands.kernel) of \(operands.channels) channels")
        return unsafe KernelCall(
            kernels.table.pointee.qu8_qc8w_depthwise, operands, unitCount: operands.out_height)
    }

    /// The first convolution of a network with the depthwise one behind it.
    package static func stem(_ kernels: KernelTable, _ operands: ck_stem) -> KernelCall {
        var operands = unsafe operands
        unsafe check(operands.first)
        unsafe precondition(
            operands.first.columns <= Int(CK_STEM_CHANNELS), "a first map of \(operands.first.columns)")
        unsafe operands.first.panels = kernels.panels(columns: operands.first.columns)
        return unsafe KernelCall(kernels.table.pointee.qu8_stem, operands, unitCount: operands.height)
    }

    /// A float map of `pixels` pixels to codes.
    package static func quantiseMap(_ kernels: KernelTable, _ operands: ck_map, pixels: Int) -> KernelCall {
        unsafe precondition(operands.channels % KernelTable.lanes == 0, "pixels of \(operands.channels)")
        return unsafe KernelCall(kernels.table.pointee.f32_qu8_map, operands, unitCount: pixels)
    }

    /// Quantisation of `rows` rows, with or without layer norm in front.
    package static func quantiseRows(_ kernels: KernelTable, _ operands: ck_rows, rows: Int) -> KernelCall {
        unsafe precondition(operands.width % KernelTable.lanes == 0, "rows of \(operands.width)")
        return unsafe KernelCall(kernels.table.pointee.f32_qd8_rows, operands, unitCount: rows)
    }

    package static func layerNorm(_ kernels: KernelTable, _ operands: ck_rows, rows: Int) -> KernelCall {
        unsafe precondition(operands.width % KernelTable.lanes == 0, "rows of \(operands.width)")
        return unsafe KernelCall(kernels.table.pointee.f32_layer_norm, operands, unitCount: rows)
    }

    package static func packAttention(_ kernels: KernelTable, _ operands: ck_attention) -> KernelCall {
        unsafe KernelCall(kernels.table.pointee.f32_qd8_pack_attention, operands, unitCount: operands.heads)
    }

    package static func attention(_ kernels: KernelTable, _ operands: ck_attention) -> KernelCall {
        unsafe precondition(
            operands.padded % 32 == 0 && [32, 64, 128].contains(operands.head_width),
            "attention heads of \(operands.head_width)")
        let queries = Int(CK_QUERIES)
        let blocks = unsafe (operands.tokens + queries - 1) / queries
        return unsafe KernelCall(
            kernels.table.pointee.qd8_attention, operands, unitCount: blocks * operands.heads)
    }

    package static func pad(_ kernels: KernelTable, _ operands: ck_pad) -> KernelCall {
        unsafe KernelCall(kernels.table.pointee.u8_pad, operands, unitCount: operands.out_rows)
    }

    package static func embed(_ kernels: KernelTable, _ operands: ck_embed, tokens: Int) -> KernelCall {
        unsafe KernelCall(kernels.table.pointee.qs8_embed, operands, unitCount: tokens)
    }

    package static func meanOfRows(_ kernels: KernelTable, _ operands: ck_mean_of_rows) -> KernelCall {
        unsafe KernelCall(kernels.table.pointee.f32_mean_of_rows, operands, unitCount: 1)
    }

    package static func sum(_ kernels: KernelTable, _ operands: ck_sum, rows: Int) -> KernelCall {
        unsafe KernelCall(kernels.table.pointee.f32_sum, operands, unitCount: rows)
    }

    package static func globalMean(_ kernels: KernelTable, _ operands: ck_global_mean) -> KernelCall {
        unsafe precondition(
            operands.channels % KernelTable.lanes == 0, "mean of \(operands.channels) channels")
        return unsafe KernelCall(
            kernels.table.pointee.qu8_global_mean, operands, unitCount: operands.channels / KernelTable.lanes)
    }

    package static func floatGemm(_ kernels: KernelTable, _ operands: ck_f32_gemm) -> KernelCall {
        let blocks = unsafe (operands.rows + operands.block_rows - 1) / operands.block_rows
        return unsafe KernelCall(kernels.table.pointee.f32_gemm, operands, unitCount: blocks)
    }

    package static func l2Normalise(_ kernels: KernelTable, _ operands: ck_float_rows, rows: Int)
        -> KernelCall
    {
        unsafe KernelCall(kernels.table.pointee.f32_l2_normalise, operands, unitCount: rows)
    }
}
