package import Kernels

/// What compiling a graph collects: constants, buffers with lives, and calls that wait for their addresses.
package struct Program {
    /// Weights and tables in the packed form of one instruction set.
    @safe
    package struct Constant {
        package let offset: Int
        package let byteCount: Int
        package let fill: (UnsafeMutableRawPointer) -> Void
    }

    package struct Call {
        package let name: String
        package let make: (Addresses) -> KernelCall
    }

    /// Base addresses, known once memory is reserved.
    @safe
    package struct Addresses {
        package let constants: UnsafeMutableRawPointer
        package let arena: UnsafeMutableRawPointer
        package let constantOffsets: [Int]
        package let bufferOffsets: [Int]
    }

    package struct ConstantID: Hashable { let index: Int }
    package struct BufferID: Hashable { let index: Int }

    package private(set) var constants: [Constant] = []
    package private(set) var constantBytes = 0
    package private(set) var buffers: [MemoryPlan.Buffer] = []
    package private(set) var calls: [Call] = []

    package mutating func constant(byteCount: Int, fill: @escaping (UnsafeMutableRawPointer) -> Void) -> ConstantID {
        unsafe constants.append(Constant(offset: constantBytes, byteCount: byteCount, fill: fill))
        constantBytes += MemoryPlan.aligned(byteCount + KernelTable.overread)
        return ConstantID(index: constants.count - 1)
    }

    /// Constant values; `padding` zeros follow.
    package mutating func constant<Element: BitwiseCopyable>(_ values: [Element], padding: Int = 0) -> ConstantID {
        let size = values.count * MemoryLayout<Element>.stride
        return unsafe constant(byteCount: size + padding * MemoryLayout<Element>.stride) { target in
            unsafe values.withUnsafeBytes { unsafe target.copyMemory(from: $0.baseAddress!, byteCount: size) }
        }
    }

    /// A buffer that lives from the next call on; `read` and `keep` extend its life.
    package mutating func buffer(byteCount: Int) -> BufferID {
        buffers.append(.init(byteCount: byteCount + KernelTable.overread, first: calls.count, last: calls.count))
        return BufferID(index: buffers.count - 1)
    }

    /// A buffer that is written before the first call: an input.
    package mutating func input(byteCount: Int) -> BufferID {
        buffers.append(.init(byteCount: byteCount + KernelTable.overread, first: -1, last: calls.count))
        return BufferID(index: buffers.count - 1)
    }

    /// Keeps `buffer` alive for the caller after the last call.
    package mutating func keep(_ buffer: BufferID) { buffers[buffer.index].last = Int.max }

    /// Appends a call that uses `uses` (reads or writes them).
    package mutating func call(_ name: String, uses: [BufferID], make: @escaping (Addresses) -> KernelCall) {
        for buffer in uses { buffers[buffer.index].last = max(buffers[buffer.index].last, calls.count) }
        calls.append(Call(name: name, make: make))
    }
}

extension Program.Addresses {
    package func raw(_ id: Program.ConstantID) -> UnsafeMutableRawPointer {
        unsafe constants + constantOffsets[id.index]
    }

    package func raw(_ id: Program.BufferID) -> UnsafeMutableRawPointer {
        unsafe arena + bufferOffsets[id.index]
    }

    package func codes(_ id: Program.BufferID) -> UnsafeMutablePointer<UInt8> {
        unsafe raw(id).assumingMemoryBound(to: UInt8.self)
    }

    package func floats(_ id: Program.BufferID, offset: Int = 0) -> UnsafeMutablePointer<Float> {
        unsafe raw(id).assumingMemoryBound(to: Float.self) + offset
    }

    package func integers(_ id: Program.BufferID) -> UnsafeMutablePointer<Int32> {
        unsafe raw(id).assumingMemoryBound(to: Int32.self)
    }

    package func floats(_ id: Program.ConstantID, offset: Int = 0) -> UnsafeMutablePointer<Float> {
        unsafe raw(id).assumingMemoryBound(to: Float.self) + offset
    }

    package func integers(_ id: Program.ConstantID) -> UnsafeMutablePointer<Int32> {
        unsafe raw(id).assumingMemoryBound(to: Int32.self)
    }
}
