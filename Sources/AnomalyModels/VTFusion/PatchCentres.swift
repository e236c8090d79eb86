/// What the good patches of a product are like, in a few words: the centres of two clusters of each adapted tap.
package enum PatchCentres {
    private static let rounds = 8
    /// The most vectors of a bank that are looked at.
    private static let most = 512

    /// Of each adapted tap of `bank` the centres at unit length, `[FusionBlock.centres, channels]`.
    ///
    /// Spherical k-means from the vector farthest from the mean and that farthest from it, over an even choice of the bank,
    /// added and multiplied in a fixed order: the same on every instruction set. Some milliseconds.
    package static func of(_ bank: PatchBank) -> [[Float]] {
        bank.vectors.prefix(SegmentationHead.adaptedTaps.count).map { vectors in
            let count = min(vectors.count, most), width = vectors.channels
            let rows = (0..<count).map { number in
                let first = number * vectors.count / count * width
                return unit(vectors.codes[first..<first + width].map(Float.init))
            }
            return centres(of: rows).flatMap { $0 }
        }
    }

    /// - Precondition: there is a row.
    private static func centres(of rows: [[Float]]) -> [[Float]] {
        var centres: [[Float]] = []
        var seen = sum(of: rows)
        for _ in 0..<FusionBlock.centres {
            centres.append(rows[farthest(rows, from: seen)])
            seen = centres[centres.count - 1]
        }
        for _ in 0..<rounds {
            var members = [[[Float]]](repeating: [], count: centres.count)
            for row in rows {
                var best = 0
                for other in 1..<centres.count where dot(row, centres[other]) > dot(row, centres[best]) {
                    best = other
                }
                members[best].append(row)
            }
            for (index, own) in members.enumerated() where !own.isEmpty {
                centres[index] = unit(sum(of: own))
            }
        }
        return centres
    }

    private static func farthest(_ rows: [[Float]], from place: [Float]) -> Int {
        var (best, least) = (0, Float.infinity)
        for (index, row) in rows.enumerated() {
            let cosine = dot(row, place)
            if cosine < least { (best, least) = (index, cosine) }
        }
        return best
    }

    private static func sum(of rows: [[Float]]) -> [Float] {
        rows.dropFirst().reduce(into: rows[0]) { sum, row in
            for index in sum.indices { sum[index] += row[index] }
        }
    }

    private static func dot(_ a: [Float], _ b: [Float]) -> Float {
        var sum: Float = 0
        for index in a.indices { sum += a[index] * b[index] }
        return sum
    }
}
