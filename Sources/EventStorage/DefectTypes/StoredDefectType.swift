/// A kind of defect as the log keeps it (OPERATIONS 4).
public struct StoredDefectType: Hashable, Sendable {
    /// 1...65,534, never given again.
    public var id: UInt16
    public var name: String
    /// The inspection whose defects are of it.
    public var inspection: String
    /// Defects that were assigned to it.
    public var count: Int
    /// A unit vector.
    public var centre: [Float]
    /// The similarity that a defect must have.
    public var threshold: Float
    /// Milliseconds since 1970.
    public var firstSeen: Int64
    public var lastSeen: Int64
    /// The types that it came of.
    public var parents: [UInt16]
    /// The last similarities of its members, and which of them is the oldest.
    public var recent: [Float]
    public var next: Int
    /// It was merged, split, forgotten or replaced: its number stays taken, and records of then name it.
    public var isGone = false

    public init(
        id: UInt16, name: String, inspection: String, count: Int, centre: [Float], threshold: Float,
        firstSeen: Int64, lastSeen: Int64, parents: [UInt16], recent: [Float], next: Int
    ) {
        (self.id, self.name, self.inspection, self.count) = (id, name, inspection, count)
        (self.centre, self.threshold) = (centre, threshold)
        (self.firstSeen, self.lastSeen, self.parents) = (firstSeen, lastSeen, parents)
        (self.recent, self.next) = (recent, next)
    }
}

/// A described defect as the log keeps it.
public struct StoredEmbedding: Hashable, Sendable {
    /// `DefectEmbedding.key`.
    public var id: Int64
    /// The record whose finding it is, and the finding's position.
    public var seq: UInt64
    public var finding: UInt8
    /// 0 while it is of no kind.
    public var type: UInt16
    /// -127...127.
    public var codes: [Int8]
    public var similarity: Float
    public var isExemplar: Bool
    public var timeMilliseconds: Int64
    /// The number of its inspection.
    public var inspection: UInt32
}

/// Two embeddings that an operator put together (`isTogether`) or apart.
public struct TypeConstraint: Hashable, Sendable {
    public var a: Int64
    public var b: Int64
    public var isTogether: Bool

    public init(a: Int64, b: Int64, isTogether: Bool) {
        (self.a, self.b, self.isTogether) = (a, b, isTogether)
    }
}
