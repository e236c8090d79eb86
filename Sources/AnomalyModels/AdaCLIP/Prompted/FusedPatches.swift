import Platform

/// F_I of an image: its class token and the patches that look worst.
@safe
final class FusedPatches {
    private let fusion: SemanticFusion
    private let patches: Int
    private let memory: Memory
    private let points: UnsafeMutablePointer<Float>
    private let centres: UnsafeMutablePointer<Float>
    private let shares: UnsafeMutablePointer<Float>
    private let fused: UnsafeMutablePointer<Float>
    private let labels: UnsafeMutablePointer<Int32>
    private let counts: UnsafeMutablePointer<Int32>
    private let chosen: UnsafeMutablePointer<Int32>

    /// Memory for images of `patches`. Throws if there is none.
    init(_ fusion: SemanticFusion, patches: Int) throws(PlatformError) {
        (self.fusion, self.patches) = (fusion, patches)
        let (count, width) = (fusion.chosen, fusion.width)
        let numbers = [count * width, fusion.clusters * width, count, width, count, fusion.clusters, count]
        memory = try Memory(byteCount: 4 * numbers.reduce(0, +))
        var offset = 0
        func next(_ index: Int) -> Int {
            defer { offset += numbers[index] }
            return offset
        }
        // The memory holds the seven buffers one behind the other; all are of four-byte numbers.
        let floats = unsafe memory.base.assumingMemoryBound(to: Float.self)
        let integers = unsafe memory.base.assumingMemoryBound(to: Int32.self)
        unsafe (points, centres) = unsafe (floats + next(0), floats + next(1))
        unsafe (shares, fused) = unsafe (floats + next(2), floats + next(3))
        unsafe (labels, counts) = unsafe (integers + next(4), integers + next(5))
        unsafe chosen = integers + next(6)
    }

    /// norm(0.2 F_HSF + 0.8 F_C). Valid until the next call. Allocation-free.
    ///
    /// - Parameters:
    ///   - image: F_C.
    ///   - tokens: F_P of each tap; their mean is what is clustered.
    ///   - margins: of each patch; minus infinity for one that is not looked at.
    ///   - looked: how many are.
    func image(
        _ image: UnsafePointer<Float>, tokens: [UnsafePointer<Float>], margins: UnsafePointer<Float>,
        looked: Int
    ) -> UnsafePointer<Float> {
        let count = min(fusion.chosen, looked), width = fusion.width
        unsafe choose(count, margins)
        for place in 0..<count {
            let row = unsafe Int(chosen[place]) * width, target = unsafe points + place * width
            // Rows of `width` within the tokens, and of the points: `chosen` holds patches.
            for index in 0..<width {
                var sum: Float = 0
                for tap in unsafe tokens.indices { unsafe sum += tokens[tap][row + index] }
                unsafe target[index] = sum / Float(unsafe tokens.count)
            }
        }
        unsafe fusion.cluster(points, count: count, labels: labels, centres: centres, counts: counts)
        unsafe fusion.weigh(labels, count: count, counts: counts, shares: shares)
        unsafe fused.update(repeating: 0, count: width)
        for place in 0..<count {
            for index in 0..<width { unsafe fused[index] += shares[place] * points[place * width + index] }
        }
        let length = unsafe Self.length(fused, width)
        for index in 0..<width {
            unsafe fused[index] =
                SemanticFusion.share * fused[index] / length + (1 - SemanticFusion.share) * image[index]
        }
        let whole = unsafe Self.length(fused, width)
        for index in 0..<width { unsafe fused[index] /= whole }
        return unsafe UnsafePointer(fused)
    }

    /// The `count` patches with the largest margins, the largest first; of equal ones the lower.
    private func choose(_ count: Int, _ margins: UnsafePointer<Float>) {
        var found = 0
        // `chosen` has room for `count`, `margins` a number for each patch.
        for patch in 0..<patches {
            if found == count, unsafe margins[patch] <= margins[Int(chosen[count - 1])] { continue }
            var place = min(found, count - 1)
            while place > 0, unsafe margins[patch] > margins[Int(chosen[place - 1])] {
                unsafe chosen[place] = chosen[place - 1]
                place -= 1
            }
            unsafe chosen[place] = Int32(patch)
            found = min(found + 1, count)
        }
    }

    private static func length(_ vector: UnsafePointer<Float>, _ width: Int) -> Float {
        var square: Float = 0
        for index in 0..<width { unsafe square += vector[index] * vector[index] }
        return max(square.squareRoot(), 1e-12)
    }
}
