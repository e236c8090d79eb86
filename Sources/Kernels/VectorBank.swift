internal import CKernels
package import Platform

/// Unit vectors in int8, packed for one instruction set, to be compared with queries by their cosine.
///
/// A vector is its codes divided by their length: no scale is kept beside them. Codes that are all zero have
/// cosine 0 with everything.
@safe
package final class VectorBank: Sendable {
    /// The codes of the bank as kernels read them, valid as long as the bank lives.
    package let packed: PackedVectors
    /// The number of vectors.
    package var count: Int { unsafe packed.count }

    /// Packs `codes`, `[count, depth]`, row-major, in -127...127. Blocks. Throws if there is no memory.
    ///
    /// - Precondition: there is at least one vector, and `depth` is a multiple of 8 up to 65,536 / 2.
    package init(_ codes: [Int8], depth: Int, kernels: KernelTable) throws(PlatformError) {
        precondition(
            !codes.isEmpty && codes.count % depth == 0, "\(codes.count) codes for vectors of \(depth)")
        let count = codes.count / depth
        unsafe packed = try PackedVectors(count: count, depth: depth, kernels: kernels)
        let padded = codes + [Int8](repeating: 0, count: (KernelTable.padded(count) - count) * depth)
        // As many codes as `packed` has columns of its depth.
        unsafe padded.withUnsafeBufferPointer { unsafe packed.fill(with: $0.baseAddress!) }
    }

    /// The codes of a vector of `channels` with zeros up to what products take at a time.
    package static func depth(_ channels: Int) -> Int { (channels + 7) / 8 * 8 }

    /// What codes with the sum of squares `square` are multiplied with to have length 1; 0 for zeros.
    package static func scale(_ square: Int32) -> Float {
        square > 0 ? 1 / Float(square).squareRoot() : 0
    }
}

/// Memory for so many unit vectors in packed form, which may be filled again and again by one owner.
@unsafe
package struct PackedVectors: @unchecked Sendable {
    // @unchecked: filled by its one owner, before others read.
    package let kernels: KernelTable
    package let count: Int
    /// The codes of a vector, a multiple of 8.
    package let depth: Int
    private let memory: Memory
    private let packedBytes: Int

    /// Throws if there is no memory.
    package init(count: Int, depth: Int, kernels: KernelTable) throws(PlatformError) {
        precondition(
            depth > 0 && depth <= 32_768 && depth % 8 == 0 && count > 0,
            "\(count) vectors of \(depth)")
        unsafe (self.kernels, self.count, self.depth) = (kernels, count, depth)
        let columns = KernelTable.padded(count)
        unsafe packedBytes = KernelTable.aligned(kernels.packedBytes(columns: columns, depth: depth))
        unsafe memory = try Memory(byteCount: packedBytes + 3 * KernelTable.aligned(4 * columns))
    }

    /// Makes each vector as long as `lengths` says, instead of 1: so the bank is the weight of a linear layer.
    package func stretch(_ lengths: [Float]) {
        precondition(unsafe lengths.count == count, "\(lengths.count) lengths")
        for row in lengths.indices { unsafe scales[row] *= lengths[row] }
    }

    /// Packs `codes`, `[columns, depth]`, in -127...127, zeros behind the last vector. Allocation-free.
    package func fill(with codes: UnsafePointer<Int8>) {
        unsafe kernels.pack(codes, columns: columns, depth: depth, to: memory.base)
        for row in unsafe 0..<count {
            var square: Int32 = 0, sum: Int32 = 0
            for index in unsafe row * depth..<(row + 1) * depth {
                let code = Int32(unsafe codes[index])
                square &+= code &* code
                sum &+= code
            }
            unsafe scales[row] = VectorBank.scale(square)
            unsafe offsets[row] = -QueryRows.zero * sum
        }
    }

    package var columns: Int { unsafe KernelTable.padded(count) }
    var codes: UnsafeRawPointer { unsafe UnsafeRawPointer(memory.base) }
    var scales: UnsafeMutablePointer<Float> {
        unsafe (memory.base + packedBytes).assumingMemoryBound(to: Float.self)
    }
    /// What the zero point of the queries adds to each product, turned over.
    var offsets: UnsafeMutablePointer<Int32> {
        unsafe (memory.base + packedBytes + KernelTable.aligned(4 * columns))
            .assumingMemoryBound(to: Int32.self)
    }
    /// Zeros: a cosine has no bias.
    var bias: UnsafePointer<Float> {
        unsafe UnsafePointer(
            (memory.base + packedBytes + 2 * KernelTable.aligned(4 * columns))
                .assumingMemoryBound(to: Float.self))
    }
}

/// Rows of int8 queries for a bank: codes in -127...127 stored as code + `zero`, each row with the factor that
/// makes it a unit vector.
@unsafe
package struct QueryRows {
    /// `[count, depth]`, row-major, aligned to `KernelTable.alignment`, with `KernelTable.overread` bytes
    /// behind it.
    package let codes: UnsafeMutablePointer<UInt8>
    /// `[count]`, `VectorBank.scale` of each row.
    package let scales: UnsafeMutablePointer<Float>
    package let count: Int
    /// What is stored for a code of 0.
    package static let zero: Int32 = 128

    package init(
        codes: UnsafeMutablePointer<UInt8>, scales: UnsafeMutablePointer<Float>, count: Int
    ) {
        unsafe (self.codes, self.scales, self.count) = (codes, scales, count)
    }
}

extension KernelTable {
    /// `byteCount` rounded up to the alignment of buffers.
    package static func aligned(_ byteCount: Int) -> Int {
        (byteCount + alignment - 1) / alignment * alignment
    }
}
