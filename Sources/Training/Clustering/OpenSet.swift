internal import AnomalyModels
internal import Evaluation

/// What becomes of a kind of defect that nobody has seen yet (METHODS.md 8.2): one kind is hidden, and comes later.
package struct OpenSet {
    /// AUROC of the novelty, 1 - the cosine with the nearest centre of the known kinds, of the images of the hidden kind
    /// against those of known kinds that the centres were not made of; nil where one of both is missing.
    package let novelty: Double?
    /// How many of the hidden kind it took until most members of a new type on-line were of it; nil if that never came.
    package let promotedAfter: Int?

    /// - Parameters:
    ///   - rows: an embedding for each image, without a head: a head would have seen the hidden kind.
    ///   - kinds: the true kind of each image, 0 up to `count`.
    ///   - similarity: what members of a type have in common, `EmbeddingHead.similarity`'s counterpart for these rows.
    package init(_ rows: UnitRows, kinds: [Int], count: Int, hiding hidden: Int, similarity: Float, seed: Int)
    {
        precondition(kinds.count == rows.count, "\(kinds.count) kinds of \(rows.count) images")
        var random = RandomNumbers(seed: UInt64(bitPattern: Int64(seed)), stream: "open set")
        var known = kinds.indices.filter { kinds[$0] != hidden }
        var later = kinds.indices.filter { kinds[$0] == hidden }
        known.shuffle(using: &random)
        later.shuffle(using: &random)
        let seen = Array(known[..<(known.count / 2)]), unseen = Array(known[(known.count / 2)...])
        guard !seen.isEmpty, !unseen.isEmpty, !later.isEmpty, count > 1 else {
            (novelty, promotedAfter) = (nil, nil)
            return
        }
        let centres = SphericalKMeans(rows.rows(seen), count: count - 1, seed: seed).centres
        func novelties(_ images: [Int]) -> [Float] {
            let cosines = rows.rows(images).cosines(with: centres)
            return images.indices.map { row in
                1 - (cosines[row * centres.count..<(row + 1) * centres.count].max() ?? 0)
            }
        }
        novelty = RankedScores(negatives: novelties(unseen), positives: novelties(later)).auroc
        promotedAfter = Self.promotion(
            rows, of: Set(later), seen, later, unseen, similarity: similarity)
    }

    /// Known kinds first, then images of the hidden kind and of known ones in turn, two hours apart.
    private static func promotion(
        _ rows: UnitRows, of hidden: Set<Int>, _ seen: [Int], _ later: [Int], _ unseen: [Int],
        similarity: Float
    ) -> Int? {
        var types = DefectTypes(settings: .init(similarity: similarity)), time: Int64 = 0
        func assign(_ image: Int) -> [Int64] {
            time += 7_200_000
            let vector = DefectVector(rows.row(image))
            return types.assign(vector, key: Int64(image), at: time).promoted?.members ?? []
        }
        for image in seen { _ = assign(image) }
        for (number, image) in later.enumerated() {
            for next in [image, unseen[number % unseen.count]] {
                let members = assign(next)
                if 2 * members.count(where: { hidden.contains(Int($0)) }) > members.count {
                    return number + 1
                }
            }
        }
        return nil
    }
}
