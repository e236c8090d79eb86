package import Kernels

/// What compiling a graph collects: constants, buffers with lives, and calls that wait for their addresses.
package struct Program {
    /// Weights or a table in the packed form of one instruction set.
    package struct Constant {
        package let offset: Int
        package let byteCount: Int
    }

    /// Writes the content of `constants`, whose addresses it gets in their order. They are zero before.
    @safe  // the addresses are those of the constants, which were made together with the body
    package struct Fill {
        package let constants: [ConstantID]
        package let body: ([UnsafeMutableRawPointer]) throws(InferenceError) -> Void
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
    /// What packing does; not called where a cache has the constants.
    package private(set) var fills: [Fill] = []
    package private(set) var buffers: [MemoryPlan.Buffer] = []
    package private(set) var calls: [Call] = []

    /// Constants that are computed together, from the same weights.
    package mutating func constants(
        byteCounts: [Int], fill: @escaping ([UnsafeMutableRawPointer]) throws(InferenceError) -> Void
    ) -> [ConstantID] {
        let first = constants.count
        for byteCount in byteCounts {
            constants.append(Constant(offset: constantBytes, byteCount: byteCount))
            constantBytes += MemoryPlan.aligned(byteCount + KernelTable.overread)
        }
        let made = (first..<constants.count).map(ConstantID.init)
        unsafe fills.append(Fill(constants: made, body: fill))
        return made
    }

    /// `count` values, computed when they are needed; zeros up to `padded` follow.
    package mutating func constant<Element: BitwiseCopyable>(
        count: Int, padded: Int? = nil, _ values: @escaping () throws(InferenceError) -> [Element]
    ) -> ConstantID {
        let byteCount = (padded ?? count) * MemoryLayout<Element>.stride
        return unsafe constants(byteCounts: [byteCount]) { targets throws(InferenceError) in
            let values = try values()
            precondition(values.count == count, "\(values.count) values for \(count)")
            unsafe targets[0].store(values)
        }[0]
    }

    /// Values that are at hand.
    package mutating func constant<Element: BitwiseCopyable>(_ values: [Element]) -> ConstantID {
        constant(count: values.count) { values }
    }

    /// Computes all constants into `memory`, which is zero.
    package func fillConstants(_ memory: UnsafeMutableRawPointer) throws(InferenceError) {
        for fill in fills {
            try unsafe fill.body(unsafe fill.constants.map { unsafe memory + constants[$0.index].offset })
        }
    }

    /// Lets go of what `fills` holds: the weights.
    package mutating func forgetFills() { fills = [] }

    /// Raised whenever the compiler writes something else into constants of the same size.
    private static let packingVersion: UInt32 = 2

    /// A hash (FNV-1a) over the sizes of the constants, the names of the nodes that they were made for, and a
    /// small matrix as `kernels` pack it: a kernel that reads another order cannot be given the old one.
    package func layout(of graph: Graph, _ kernels: KernelTable) -> UInt32 {
        var hash = 2_166_136_261 ^ Self.packingVersion
        func add(_ byte: UInt8) { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        for constant in constants {
            for byte in 0..<8 { add(UInt8(truncatingIfNeeded: constant.byteCount >> (8 * byte))) }
        }
        for node in graph.nodes { for byte in node.name.utf8 { add(byte) } }
        for byte in kernels.packedSample() { add(byte) }
        return hash
    }

    /// A buffer that lives from the next call on; `call` and `keep` extend its life.
    package mutating func buffer(byteCount: Int) -> BufferID {
        buffers.append(
            .init(byteCount: byteCount + KernelTable.overread, first: calls.count, last: calls.count))
        return BufferID(index: buffers.count - 1)
    }

    /// A buffer that the caller writes before a run: an input. It keeps its value, so that a run may be
    /// repeated.
    package mutating func input(byteCount: Int) -> BufferID {
        buffers.append(.init(byteCount: byteCount + KernelTable.overread, first: -1, last: Int.max))
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

extension UnsafeMutableRawPointer {
    /// Writes `values` one after the other.
    func store<Element: BitwiseCopyable>(_ values: [Element]) {
        unsafe values.withUnsafeBytes { bytes in
            if let base = bytes.baseAddress { unsafe copyMemory(from: base, byteCount: bytes.count) }
        }
    }
}
