/// One value per pixel, row after row, in memory that is allocated once.
///
/// - Invariant: `memory` holds `count + 8` initialised elements: the last eight lanes may reach past the end.
@safe
struct Plane<Element: BitwiseCopyable & Sendable>: ~Copyable, @unchecked Sendable {
    // Owned by this value alone, which cannot be copied: hence also safe to send.
    private let memory: UnsafeMutableBufferPointer<Element>
    let count: Int

    init(count: Int, repeating value: Element) {
        self.count = count
        unsafe memory = .allocate(capacity: count + 8)
        unsafe memory.initialize(repeating: value)
    }

    // The elements are plain bits, so there is nothing to deinitialise.
    deinit { unsafe memory.deallocate() }

    /// - Precondition: `index` is 0 up to, not including, `count`.
    subscript(index: Int) -> Element {
        @inline(__always) get {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "element \(index) of \(count)")
            // In bounds by the precondition.
            return unsafe memory.baseAddress.unsafelyUnwrapped[index]
        }
        @inline(__always) set {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "element \(index) of \(count)")
            // In bounds by the precondition.
            unsafe memory.baseAddress.unsafelyUnwrapped[index] = newValue
        }
    }

    /// The four elements around a point: at `index`, to its right, below and below right.
    ///
    /// - Precondition: all four are elements; rows are `stride` apart.
    @inline(__always)
    func square(at index: Int, stride: Int) -> (Element, Element, Element, Element) {
        precondition(
            index >= 0 && stride >= 0 && index + stride + 1 < count, "square at \(index) of \(count)")
        // The last of the four is in bounds by the precondition, the first is not below 0.
        let base = unsafe memory.baseAddress.unsafelyUnwrapped + index
        return unsafe (base[0], base[1], base[stride], base[stride + 1])
    }
}

extension Plane where Element == Float {
    /// Eight neighbours from `index`, which is an element; those past the end are of no meaning.
    @inline(__always)
    func lanes(_ index: Int) -> SIMD8<Float> {
        precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "lanes at \(index) of \(count)")
        // `index + 8` is at most `count + 7`, and the memory has eight elements more than `count`.
        return unsafe UnsafeRawPointer(memory.baseAddress.unsafelyUnwrapped + index)
            .loadUnaligned(as: SIMD8<Float>.self)
    }

    /// Sets eight neighbours from `index`, which is an element.
    @inline(__always)
    mutating func setLanes(_ index: Int, _ value: SIMD8<Float>) {
        precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "lanes at \(index) of \(count)")
        // As in `lanes`.
        unsafe UnsafeMutableRawPointer(memory.baseAddress.unsafelyUnwrapped + index)
            .storeBytes(of: value, as: SIMD8<Float>.self)
    }
}
