/// A kind of defect that a station knows, found without labels.
package struct DefectType: Sendable, Hashable, Identifiable {
    /// 1...65,534. Never given to another type, also when this one is gone.
    package let id: UInt16
    /// "type-N" until an operator renames it.
    package var name: String
    /// A unit vector.
    package internal(set) var centre: [Float]
    /// Defects assigned to it.
    package internal(set) var count: Int
    /// The similarity that a defect must have.
    package internal(set) var threshold: Float
    /// When the first and the last of them came, in milliseconds since 1970.
    package internal(set) var firstSeen: Int64
    package internal(set) var lastSeen: Int64
    /// The types that it came of by merging, splitting or re-clustering.
    package internal(set) var parents: [UInt16]
    /// Keys of up to 16 defects that show what it looks like, the first ones.
    package internal(set) var exemplars: [Int64]
    /// The last similarities of members, oldest first from `next`.
    package internal(set) var recent: [Float] = []
    package internal(set) var next = 0

    package static let exemplarCapacity = 16
    static let recentCapacity = 256
    /// Fewer similarities say nothing of their spread: until then the starting threshold holds.
    static let settledCount = 16

    package init(
        id: UInt16, name: String? = nil, centre: [Float], count: Int, threshold: Float, firstSeen: Int64,
        lastSeen: Int64, parents: [UInt16] = [], exemplars: [Int64] = [], recent: [Float] = [], next: Int = 0
    ) {
        self.recent = Array(recent.prefix(Self.recentCapacity))
        self.next = self.recent.count == Self.recentCapacity ? min(max(next, 0), Self.recentCapacity - 1) : 0
        (self.id, self.name) = (id, name ?? "type-\(id)")
        // One that was kept stays as it was, to the bit.
        let isUnit = abs(product(centre, centre) - 1) < 1e-5
        (self.centre, self.count, self.threshold) = (isUnit ? centre : normalised(centre), count, threshold)
        (self.firstSeen, self.lastSeen, self.parents, self.exemplars) = (
            firstSeen, lastSeen, parents, exemplars
        )
    }

    /// The cosine with the centre of another.
    package func similarity(to other: DefectType) -> Float { product(centre, other.centre) }

    /// The cosine of a defect with the centre.
    package func similarity(to defect: DefectVector) -> Float { product(centre, defect.unit) }

    /// Moves the centre towards `vector`, a member, by 1 / (count + 1) and at least by 1 %.
    mutating func take(_ vector: [Float], key: Int64, similarity: Float, at time: Int64) {
        let pace = max(0.01, 1 / Float(count + 1))
        for index in centre.indices { centre[index] += pace * (vector[index] - centre[index]) }
        centre = normalised(centre)
        note(key, at: time)
        if recent.count < Self.recentCapacity {
            recent.append(similarity)
        } else {
            recent[next] = similarity
            next = (next + 1) % Self.recentCapacity
        }
    }

    /// Counts a defect without learning from it.
    mutating func note(_ key: Int64, at time: Int64) {
        count += 1
        (firstSeen, lastSeen) = (min(firstSeen, time), max(lastSeen, time))
        if exemplars.count < Self.exemplarCapacity { exemplars.append(key) }
    }

    /// The lower fence of the last similarities, quartile less one and a half times their range (Tukey 1977), within
    /// `bounds`.
    ///
    /// A quantile of the members would rise with each round, since those below it are no members any more; the
    /// quartiles hardly see what is cut off.
    mutating func settle(within bounds: ClosedRange<Float>) {
        guard recent.count >= Self.settledCount else { return }
        let sorted = recent.sorted()
        let low = sorted[sorted.count / 4], high = sorted[3 * sorted.count / 4]
        threshold = min(max(low - 1.5 * (high - low), bounds.lowerBound), bounds.upperBound)
    }
}

/// Why something cannot be done with types.
package enum DefectTypeError: Error, Hashable, CustomStringConvertible {
    case unknown(UInt16, known: [UInt16])
    case mergedWithItself(UInt16)
    case tooFewToSplit(UInt16, count: Int)
    /// None of the results shows a kept defect of the type.
    case notMembers(UInt16, of: [UInt64])
    case badName(String)
    case nameTaken(String, by: UInt16)

    package var description: String {
        switch self {
        case .unknown(let id, let known):
            "There is no type \(id). Known are: \(known.isEmpty ? "none" : known.map(String.init).joined(separator: ", "))."
        case .mergedWithItself(let id):
            "Type \(id) cannot be merged with itself. Name two types."
        case .tooFewToSplit(let id, let count):
            "Type \(id) cannot be split: of its defects \(count) are kept, and both parts need one. Wait for more."
        case .notMembers(let id, let seqs):
            "No kept defect of type \(id) is in the results \(seqs.prefix(8).map(String.init).joined(separator: ", ")). "
                + "See 'linewatch type show \(id)'."
        case .badName(let name):
            "'\(name)' is no name of a type. Use 1 to 64 printable characters."
        case .nameTaken(let name, let id):
            "Type \(id) has the name '\(name)' already. Choose another, or merge the two."
        }
    }
}
