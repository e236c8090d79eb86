import Kernels
import Platform

/// How little good parts resemble each other: 0 where a patch is as near to the other parts as to the rest of its own
/// picture, 1 where it is much farther.
enum PatchStrangeness {
    /// Up to where a mean distance to the other parts above that within the picture says nothing, and from where on
    /// it says all.
    private static let limits: (none: Float, all: Float) = (0.05, 0.15)
    /// About how many patches of the other parts are looked at, and from how many parts.
    static let mostOthers = 2048
    static let mostParts = 4

    /// The degree for a `gap` between the mean distances, 0...1.
    static func degree(_ gap: Float) -> Float {
        min(max((gap - limits.none) / (limits.all - limits.none), 0), 1)
    }

    /// The mean distance of `patches` to the nearest of `others`, `[count, channels]` each. Blocks. Throws if there is
    /// no memory.
    ///
    /// - Precondition: neither is empty.
    static func meanDistance(
        of patches: [Int8], to others: [Int8], channels: Int, kernels: KernelTable
    ) throws(PlatformError) -> Float {
        let depth = VectorBank.depth(channels), count = patches.count / channels
        let bank = try VectorBank(PatchBank.Vectors.padded(others, channels), depth: depth, kernels: kernels)
        let rowBytes = KernelTable.aligned(depth * count + KernelTable.overread)
        let listBytes = KernelTable.aligned(4 * count)
        let memory = try Memory(byteCount: KernelCall.nearestScratchBytes + rowBytes + 3 * listBytes)
        // Each buffer lies behind the one before, in bytes that the line above asked for.
        let base = unsafe memory.base + KernelCall.nearestScratchBytes
        let codes = unsafe base.assumingMemoryBound(to: UInt8.self)
        let scales = unsafe (base + rowBytes).assumingMemoryBound(to: Float.self)
        let cosines = unsafe (base + rowBytes + listBytes).assumingMemoryBound(to: Float.self)
        let index = unsafe (base + rowBytes + 2 * listBytes).assumingMemoryBound(to: Int32.self)
        unsafe codes.update(repeating: UInt8(QueryRows.zero), count: rowBytes)
        for patch in 0..<count {
            var square: Int32 = 0
            for channel in 0..<channels {
                let code = Int32(patches[patch * channels + channel])
                square += code * code
                unsafe codes[patch * depth + channel] = UInt8(code + QueryRows.zero)
            }
            unsafe scales[patch] = VectorBank.scale(square)
        }
        let call = unsafe KernelCall.nearest(
            QueryRows(codes: codes, scales: scales, count: count), in: bank, cosines: cosines, index: index)
        defer { call.destroy() }
        unsafe call.run(0..<call.unitCount, scratch: memory.base)
        var sum = 0.0
        for patch in 0..<count { unsafe sum += Double(PatchFusion.distance(1 - cosines[patch])) }
        return Float(sum / Double(count))
    }
}
