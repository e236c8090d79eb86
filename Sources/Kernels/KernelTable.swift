package import CKernels

/// The kernels of one instruction set: calls made from operands, and the layout of packed weights.
///
/// The operands of a call are the C structs of `CKernels.h` themselves, whose comments are the contract. What
/// can be checked without reading the data is checked here, once, when a call is made.
@safe
public struct KernelTable: Sendable {
    public let instructions: InstructionSet
    // Points at a C constant, which lives as long as the process.
    nonisolated(unsafe) package let table: UnsafePointer<ck_kernels>

    /// - Precondition: this CPU runs `instructions`.
    public init(_ instructions: InstructionSet) {
        guard let table = unsafe ck_kernels_for(instructions.name) else {
            preconditionFailure("no kernels for '\(instructions)' on this CPU")
        }
        self.instructions = instructions
        unsafe self.table = table
    }

    /// Columns and channels are padded to a multiple of this.
    public static let lanes = Int(CK_LANES)

    /// The alignment in bytes of every buffer that a kernel reads or writes.
    public static let alignment = Int(CK_ALIGNMENT)

    /// Bytes behind an activation buffer that a kernel may read.
    public static let overread = Int(CK_OVERREAD)

    /// `count` rounded up to whole lanes.
    public static func padded(_ count: Int) -> Int { (count + lanes - 1) / lanes * lanes }

    /// How many panels packed weights of `columns` columns have.
    package func panels(columns: Int) -> Int { unsafe ck_panels(table, columns) }

    /// Bytes of packed weights, `[columns, depth]`.
    package func packedBytes(columns: Int, depth: Int) -> Int {
        unsafe ck_packed_bytes(table, columns, depth)
    }

    package static func packedDepthwiseBytes(kernel: Int, channels: Int) -> Int {
        ck_packed_depthwise_bytes(kernel, channels)
    }

    /// Bytes of scratch that one thread needs for rows, images and attention of the given sizes.
    package static func scratchBytes(width: Int, tokens: Int, imageWidth: Int) -> Int {
        ck_scratch_bytes(width, tokens, imageWidth)
    }

    /// Packs `[columns, depth]` codes, row-major, to `target` of `packedBytes`.
    package func pack(_ codes: [Int8], columns: Int, depth: Int, to target: UnsafeMutableRawPointer) {
        precondition(
            codes.count == columns * depth && depth % 4 == 0 && columns % Self.lanes == 0,
            "cannot pack \(codes.count) codes as \(columns) x \(depth)")
        // As many codes as columns times depth, by the precondition.
        unsafe codes.withUnsafeBufferPointer { codes in
            unsafe pack(codes.baseAddress!, columns: columns, depth: depth, to: target)
        }
    }

    /// The same from memory that holds `columns` * `depth` codes. Allocation-free.
    package func pack(
        _ codes: UnsafePointer<Int8>, columns: Int, depth: Int, to target: UnsafeMutableRawPointer
    ) {
        unsafe table.pointee.pack(codes, columns, depth, target)
    }

    /// Packs `[kernel, kernel, channels]` codes of a depthwise convolution.
    package func packDepthwise(
        _ codes: [Int8], kernel: Int, channels: Int, to target: UnsafeMutableRawPointer
    ) {
        precondition(
            codes.count == kernel * kernel * channels && channels % Self.lanes == 0,
            "cannot pack \(codes.count) codes as \(kernel) x \(kernel) x \(channels)")
        unsafe codes.withUnsafeBufferPointer { codes in
            unsafe table.pointee.pack_depthwise(codes.baseAddress, kernel, channels, target)
        }
    }

    /// Brings one 4-byte value per channel into the order of packed depthwise weights, padded to 64 channels.
    package func packDepthwiseChannels(_ bits: [UInt32], to target: UnsafeMutableRawPointer) {
        unsafe bits.withUnsafeBufferPointer { values in
            unsafe table.pointee.pack_depthwise_channels(
                values.baseAddress, values.count, target.assumingMemoryBound(to: UInt32.self))
        }
    }
}

extension KernelTable {
    /// A matrix and a depthwise filter of a fixed sequence in packed form: changes with the order of packed
    /// weights.
    package func packedSample() -> [UInt8] {
        let columns = 9 * Self.lanes, depth = 24, kernel = 3, channels = 5 * Self.lanes
        let matrixBytes = packedBytes(columns: columns, depth: depth)
        let codes = (0..<max(columns * depth, kernel * kernel * channels)).map {
            Int8(truncatingIfNeeded: $0 &* 37)
        }
        var bytes = [UInt8](
            repeating: 0, count: matrixBytes + Self.packedDepthwiseBytes(kernel: kernel, channels: channels))
        unsafe bytes.withUnsafeMutableBytes { target in
            // Both ranges have the size that the packing asks for.
            let base = target.baseAddress!
            unsafe pack(Array(codes.prefix(columns * depth)), columns: columns, depth: depth, to: base)
            let filter = Array(codes.prefix(kernel * kernel * channels))
            unsafe packDepthwise(filter, kernel: kernel, channels: channels, to: base + matrixBytes)
        }
        return bytes
    }
}
