/// The patches that look worst, as one vector: AdaCLIP's hybrid semantic fusion in a form that gives the same for the
/// same image (METHODS.md 3.4, item 4). The authors cluster with k-means from a random start.
///
/// Of N patches the round(0.073 N) with the largest margins count, at least 2, equal ones in rising order. K = their
/// number over 5, at least 1, or 1 by choice. Centres begin with the worst patch and then the patch that is farthest from
/// all centres before; eight steps of Lloyd; a centre without patches stays. The vector is the mean of the means of the
/// clusters that have patches.
package struct SemanticFusion: Sendable {
    package enum Kind: String, Sendable, Hashable, CaseIterable, Codable {
        /// The class token alone stands for the image.
        case off
        /// One cluster.
        case mean
        case clusters
    }

    /// Patches that count, of `patches`.
    package let chosen: Int
    package let clusters: Int
    package let width: Int
    /// How much the fused vector counts beside F_C.
    package static let share: Float = 0.2
    private static let steps = 8

    package init(_ kind: Kind, patches: Int, width: Int) {
        chosen = min(patches, max(2, Int((0.073 * Double(patches)).rounded())))
        clusters = kind == .clusters ? max(1, chosen / 5) : 1
        self.width = width
    }

    /// Which of the `points` `[count, width]`, the worst first, belongs to which cluster. Needs room for
    /// `clusters * width` centres and `clusters` counts. Allocation-free.
    ///
    /// - Precondition: `labels` has room for `count`, 1 or more.
    package func cluster(
        _ points: UnsafePointer<Float>, count: Int, labels: UnsafeMutablePointer<Int32>,
        centres: UnsafeMutablePointer<Float>, counts: UnsafeMutablePointer<Int32>
    ) {
        let used = min(clusters, count)
        unsafe begin(points, count, used, centres)
        for step in 0...Self.steps {
            for point in 0..<count {
                var nearest: Int32 = 0, least = Float.infinity
                for centre in 0..<used {
                    let distance = unsafe square(points + point * width, centres + centre * width)
                    if distance < least { (nearest, least) = (Int32(centre), distance) }
                }
                unsafe labels[point] = nearest
            }
            if step < Self.steps { unsafe move(points, count, used, labels, centres, counts) }
        }
    }

    /// What each point counts in the mean of the clusters' means. Allocation-free.
    package func weigh(
        _ labels: UnsafePointer<Int32>, count: Int, counts: UnsafeMutablePointer<Int32>,
        shares: UnsafeMutablePointer<Float>
    ) {
        // As many counts as clusters, as many labels and shares as points.
        unsafe counts.update(repeating: 0, count: clusters)
        for point in 0..<count { unsafe counts[Int(labels[point])] += 1 }
        var used: Int32 = 0
        for cluster in 0..<clusters where unsafe counts[cluster] > 0 { used += 1 }
        for point in 0..<count { unsafe shares[point] = 1 / Float(used * counts[Int(labels[point])]) }
    }

    /// Far from each other: the worst point, then each time the one that is farthest from its nearest centre.
    private func begin(
        _ points: UnsafePointer<Float>, _ count: Int, _ used: Int, _ centres: UnsafeMutablePointer<Float>
    ) {
        // `centres` has room for `clusters` vectors, `points` holds `count`: both are within them.
        unsafe centres.update(from: points, count: width)
        for centre in 1..<max(used, 1) {
            var farthest = 0, most: Float = -1
            for point in 0..<count {
                var least = Float.infinity
                for known in 0..<centre {
                    least = min(least, unsafe square(points + point * width, centres + known * width))
                }
                if least > most { (farthest, most) = (point, least) }
            }
            unsafe (centres + centre * width).update(from: points + farthest * width, count: width)
        }
    }

    private func move(
        _ points: UnsafePointer<Float>, _ count: Int, _ used: Int, _ labels: UnsafePointer<Int32>,
        _ centres: UnsafeMutablePointer<Float>, _ counts: UnsafeMutablePointer<Int32>
    ) {
        for centre in 0..<used {
            var members: Int32 = 0
            for point in 0..<count where unsafe labels[point] == Int32(centre) { members += 1 }
            unsafe counts[centre] = members
            guard members > 0 else { continue }
            let target = unsafe centres + centre * width
            unsafe target.update(repeating: 0, count: width)
            for point in 0..<count where unsafe labels[point] == Int32(centre) {
                for index in 0..<width { unsafe target[index] += points[point * width + index] }
            }
            for index in 0..<width { unsafe target[index] /= Float(members) }
        }
    }

    private func square(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>) -> Float {
        var lanes = SIMD8<Float>(repeating: 0)
        // Widths are multiples of 16.
        for start in stride(from: 0, to: width, by: 8) {
            for lane in 0..<8 {
                let step = unsafe a[start + lane] - b[start + lane]
                lanes[lane] += step * step
            }
        }
        return ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5]))
            + ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7]))
    }
}

extension SemanticFusion {
    /// The same for arrays: what each of the `points` counts in the mean of the centres of the clusters.
    package func shares(of points: [Float]) -> [Float] {
        let count = points.count / width
        var labels = [Int32](repeating: 0, count: count), counts = [Int32](repeating: 0, count: clusters)
        var centres = [Float](repeating: 0, count: clusters * width)
        // Each array has the room that `cluster` asks for.
        unsafe cluster(points, count: count, labels: &labels, centres: &centres, counts: &counts)
        var shares = [Float](repeating: 0, count: count)
        unsafe weigh(labels, count: count, counts: &counts, shares: &shares)
        return shares
    }
}
