import Kernels

/// Floats at an address that the kernels accept, zero at first, with room to read over behind them.
@safe
final class FloatBuffer {
    let count: Int
    // Allocated and initialised in `init`, freed in `deinit`, never handed out beyond the life of a call.
    let base: UnsafeMutablePointer<Float>

    init(count: Int) {
        self.count = count
        let byteCount = count * MemoryLayout<Float>.stride + KernelTable.overread
        let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: KernelTable.alignment)
        unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
        unsafe base = memory.assumingMemoryBound(to: Float.self)
    }

    convenience init(_ values: [Float]) {
        self.init(count: values.count)
        unsafe values.withUnsafeBufferPointer { values in
            guard let start = values.baseAddress else { return }
            unsafe base.update(from: start, count: values.count)
        }
    }

    deinit { unsafe base.deallocate() }

    var values: UnsafeMutableBufferPointer<Float> {
        unsafe UnsafeMutableBufferPointer(start: base, count: count)
    }

    /// A copy.
    var array: [Float] { unsafe Array(values) }
}
