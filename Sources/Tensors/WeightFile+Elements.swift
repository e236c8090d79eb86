// The elements of a tensor as Swift arrays. Files are little-endian, and so is every machine we build for.

extension WeightFile {
    /// The elements of the tensor `name`, row-major, widened from F32, F16 or BF16 without loss.
    ///
    /// Throws `missingTensor`, `wrongElementType`, or `notFinite` with the first element that is infinite or
    /// NaN.
    public func floats(_ name: String) throws(WeightFileError) -> [Float] {
        let entry = try entry(name)
        let widen: (UnsafeRawPointer, Int, UnsafeMutablePointer<UInt32>) -> UInt32
        switch entry.elementType {
        case .float32: unsafe widen = widenFloat32
        case .float16: unsafe widen = widenFloat16
        case .bfloat16: unsafe widen = widenBFloat16
        default:
            throw .wrongElementType(
                file: path, tensor: name, found: entry.elementType, wanted: "F32, F16 or BF16")
        }
        let count = entry.shape.elementCount
        guard count > 0 else { return [] }

        var largestExponent: UInt32 = 0
        let floats = try unsafe withUnsafeBytes(of: name) { bytes throws(WeightFileError) in
            unsafe [Float](unsafeUninitializedCapacity: count) { floats, initializedCount in
                // Both buffers hold count elements, and every bit pattern of the right width is a Float.
                let bits = unsafe UnsafeMutableRawPointer(floats.baseAddress!).assumingMemoryBound(
                    to: UInt32.self)
                largestExponent = unsafe widen(bytes.baseAddress!, count, bits)
                initializedCount = count
            }
        }
        guard largestExponent < exponentMask else {
            let index = floats.firstIndex { !$0.isFinite } ?? 0
            throw .notFinite(file: path, tensor: name, index: index)
        }
        return floats
    }

    /// The codes of the I8 tensor `name`, row-major. Throws `missingTensor` or `wrongElementType`.
    public func int8(_ name: String) throws(WeightFileError) -> [Int8] {
        try elements(name, .int8)
    }

    /// The codes of the U8 tensor `name`, row-major. Throws `missingTensor` or `wrongElementType`.
    public func uint8(_ name: String) throws(WeightFileError) -> [UInt8] {
        try elements(name, .uint8)
    }

    /// The elements of the I32 tensor `name`, row-major. Throws `missingTensor` or `wrongElementType`.
    public func int32(_ name: String) throws(WeightFileError) -> [Int32] {
        try elements(name, .int32)
    }

    /// - Precondition: every bit pattern of `Element` is a value, and it has the size of `type`.
    private func elements<Element: BitwiseCopyable>(
        _ name: String, _ type: ElementType
    ) throws(WeightFileError) -> [Element] {
        let entry = try entry(name)
        guard entry.elementType == type else {
            throw .wrongElementType(file: path, tensor: name, found: entry.elementType, wanted: type.rawValue)
        }
        let count = entry.shape.elementCount
        return try unsafe withUnsafeBytes(of: name) { bytes throws(WeightFileError) in
            unsafe [Element](unsafeUninitializedCapacity: count) { elements, initializedCount in
                // The file holds count elements of this size, as was checked when it was opened.
                unsafe UnsafeMutableRawBufferPointer(elements).copyMemory(from: bytes)
                initializedCount = count
            }
        }
    }
}

/// The exponent of infinities and NaN in a binary32.
private let exponentMask: UInt32 = 0x7F80_0000

// Each writes `count` binary32 bit patterns to `bits` and returns their largest exponent, `exponentMask` if
// any is not finite. Straight loops without a branch, which the compiler turns into vector code.

private func widenFloat32(_ bytes: UnsafeRawPointer, _ count: Int, _ bits: UnsafeMutablePointer<UInt32>)
    -> UInt32
{
    var largest: UInt32 = 0
    for index in 0..<count {
        let value = unsafe bytes.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)
        unsafe bits[index] = value
        largest = max(largest, value & exponentMask)
    }
    return largest
}

private func widenBFloat16(_ bytes: UnsafeRawPointer, _ count: Int, _ bits: UnsafeMutablePointer<UInt32>)
    -> UInt32
{
    var largest: UInt32 = 0
    for index in 0..<count {
        let value = unsafe UInt32(bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)) << 16
        unsafe bits[index] = value
        largest = max(largest, value & exponentMask)
    }
    return largest
}

private func widenFloat16(_ bytes: UnsafeRawPointer, _ count: Int, _ bits: UnsafeMutablePointer<UInt32>)
    -> UInt32
{
    var largest: UInt32 = 0
    for index in 0..<count {
        let half = unsafe UInt32(bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
        // Exponent and fraction move to their places in a binary32; the product then corrects the bias of the
        // exponent (127 - 15 = 112), exactly, for subnormal halves as well.
        let magnitude = Float(bitPattern: (half & 0x7FFF) << 13) * 0x1p112
        let special = (half & 0x7C00) == 0x7C00 ? exponentMask : 0
        unsafe bits[index] = magnitude.bitPattern | (half & 0x8000) << 16 | special
        largest = max(largest, special)
    }
    return largest
}
