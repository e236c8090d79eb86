import Platform

/// What search, rarity and fusion said of each patch of the last image, by tap.
@safe
package final class PatchEvidence {
    private let memory: Memory
    private let scalars: [UnsafeMutablePointer<Float>]
    private let nearest: [UnsafeMutablePointer<Int32>]
    package let counts: [Int]

    /// Memory for `counts` patches of the taps. Throws if there is none.
    init(counts: [Int]) throws(PlatformError) {
        self.counts = counts
        memory = try Memory(byteCount: counts.reduce(0) { $0 + 4 * $1 * (SegmentationHead.evidence + 1) })
        var next = unsafe memory.base
        var scalars: [UnsafeMutablePointer<Float>] = unsafe []
        var nearest: [UnsafeMutablePointer<Int32>] = unsafe []
        for count in counts {
            // Four floats and a position for each patch, in bytes asked for above.
            unsafe scalars.append(next.assumingMemoryBound(to: Float.self))
            unsafe next += 4 * count * SegmentationHead.evidence
            unsafe nearest.append(next.assumingMemoryBound(to: Int32.self))
            unsafe next += 4 * count
        }
        unsafe (self.scalars, self.nearest) = unsafe (scalars, nearest)
    }

    /// Notes patch `patch` of tap `tap`: its distance, the position of its nearest in the bank and that one's
    /// rarity, its own rarity, and the score of all. Allocation-free.
    @inline(__always)
    func note(
        _ tap: Int, _ patch: Int, distance: Float, nearest position: Int32, known: Float, rarity: Float,
        score: Float
    ) {
        // Patches are counted within the grid that the memory was made for.
        let row = unsafe scalars[tap] + patch * SegmentationHead.evidence
        unsafe (row[0], row[1], row[2], row[3]) = (distance, known, rarity, score)
        unsafe nearest[tap][patch] = position
    }

    /// `[patches, 4]` of tap `tap`: distance, rarity of the nearest, own rarity, score.
    package func scalars(_ tap: Int) -> UnsafeBufferPointer<Float> {
        // As many as `init` made room for.
        unsafe UnsafeBufferPointer(start: scalars[tap], count: counts[tap] * SegmentationHead.evidence)
    }

    /// The positions of the nearest vectors in the bank of tap `tap`.
    package func nearest(_ tap: Int) -> UnsafeBufferPointer<Int32> {
        // As many as `init` made room for.
        unsafe UnsafeBufferPointer(start: nearest[tap], count: counts[tap])
    }
}
