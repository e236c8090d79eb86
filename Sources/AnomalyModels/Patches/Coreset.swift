package import Kernels
package import Platform

/// The choice of few vectors that lie near all of many (Roth et al. 2022, section 3.2; the greedy algorithm
/// is Gonzalez 1985).
package enum Coreset {
    /// The positions of at most `capacity` of the unit vectors in `codes`, `[count, depth]`, in the order of
    /// their choice: first the one farthest from the mean, then always the one farthest from all chosen, by
    /// cosine, the first of equal ones. All, in their order, if there are no more than `capacity`.
    ///
    /// Of more than eight times `capacity`, pieces of about four times the capacity are thinned first, to twice the
    /// capacity together, so that the work no longer grows with their number (composable coresets: Indyk et al.
    /// 2014). Up to there a smaller capacity gives a prefix. The same on every instruction set. Blocks; throws if
    /// there is no memory.
    /// - Precondition: as for `VectorBank`, and `capacity` is at least 1.
    /// - Complexity: O(min(count, 10 * capacity) * capacity * depth), about 30 G multiply-adds a second.
    package static func choose(
        _ codes: [Int8], depth: Int, capacity: Int, kernels: KernelTable
    ) throws(PlatformError) -> [Int] {
        let count = codes.count / depth
        guard count > 8 * capacity else {
            return try farthestFirst(codes, depth: depth, capacity: capacity, kernels: kernels)
        }
        let pieces = (count + 4 * capacity - 1) / (4 * capacity), share = max(1, 2 * capacity / pieces)
        var kept: [Int] = []
        for piece in 0..<pieces {
            let start = piece * count / pieces, end = (piece + 1) * count / pieces
            kept += try farthestFirst(
                Array(codes[start * depth..<end * depth]), depth: depth, capacity: share, kernels: kernels
            ).map { start + $0 }
        }
        let chosen = try farthestFirst(
            kept.flatMap { codes[$0 * depth..<($0 + 1) * depth] }, depth: depth, capacity: capacity,
            kernels: kernels)
        return chosen.map { kept[$0] }
    }

    private static func farthestFirst(
        _ codes: [Int8], depth: Int, capacity: Int, kernels: KernelTable
    ) throws(PlatformError) -> [Int] {
        let count = codes.count / depth
        guard count > capacity else { return Array(0..<count) }
        let bank = try VectorBank(codes, depth: depth, kernels: kernels)
        let columns = KernelTable.padded(count), rowBytes = KernelTable.aligned(depth + KernelTable.overread)
        let memory = try Memory(byteCount: rowBytes + KernelTable.alignment + 8 * columns)
        let query = unsafe memory.base.assumingMemoryBound(to: UInt8.self)
        let scale = unsafe (memory.base + rowBytes).assumingMemoryBound(to: Float.self)
        let cosines = unsafe (memory.base + rowBytes + KernelTable.alignment)
            .assumingMemoryBound(to: SIMD16<Float>.self)
        let nearest = unsafe cosines + columns / 16
        // Columns behind the last vector never are the farthest.
        for column in 0..<columns {
            unsafe nearest[column / 16][column % 16] = column < count ? -.infinity : .infinity
        }
        let call = unsafe KernelCall.cosines(
            QueryRows(codes: query, scales: scale, count: 1), to: bank,
            cosines: UnsafeMutableRawPointer(cosines).assumingMemoryBound(to: Float.self))
        defer { call.destroy() }

        var chosen = [farthestFromMean(codes, depth: depth)]
        chosen.reserveCapacity(capacity)
        while chosen.count < capacity {
            let centre = chosen[chosen.count - 1] * depth
            var square: Int32 = 0
            for i in 0..<depth {
                let code = Int32(codes[centre + i])
                square += code * code
                unsafe query[i] = UInt8(code + QueryRows.zero)
            }
            unsafe scale.pointee = VectorBank.scale(square)
            unsafe call.run(0..<call.unitCount, scratch: memory.base)
            // A chosen vector is at its own cosine, nearly 1: it is not chosen again before all others are.
            unsafe nearest[chosen[chosen.count - 1] / 16][chosen[chosen.count - 1] % 16] = .infinity
            var least = SIMD16<Float>(repeating: .infinity)
            for index in 0..<columns / 16 {
                let near = unsafe nearest[index].larger(cosines[index])
                unsafe nearest[index] = near
                least = least.smaller(near)
            }
            let farthest = least.min()
            let block = (0..<columns / 16).first { unsafe any(nearest[$0] .== farthest) } ?? 0
            let lane = (0..<16).first { unsafe nearest[block][$0] == farthest } ?? 0
            chosen.append(block * 16 + lane)
        }
        return withExtendedLifetime((bank, memory)) { chosen }
    }

    /// The position of the vector with the least cosine to the mean of all, the first of equal ones.
    private static func farthestFromMean(_ codes: [Int8], depth: Int) -> Int {
        let count = codes.count / depth
        let scales = (0..<count).map { row in
            VectorBank.scale(
                (0..<depth).reduce(0) { $0 + Int32(codes[row * depth + $1]) * Int32(codes[row * depth + $1]) }
            )
        }
        var mean = [Float](repeating: 0, count: depth)
        for row in 0..<count {
            for i in 0..<depth { mean[i] += Float(codes[row * depth + i]) * scales[row] }
        }
        var farthest = 0, least = Float.infinity
        for row in 0..<count {
            var sum: Float = 0
            for i in 0..<depth { sum += Float(codes[row * depth + i]) * mean[i] }
            if sum * scales[row] < least { (farthest, least) = (row, sum * scales[row]) }
        }
        return farthest
    }
}
