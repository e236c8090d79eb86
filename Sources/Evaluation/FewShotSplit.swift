import Platform

/// Which images of a data set a few-shot method may be shown, and which it is scored on (METHODS.md 8.3).
public struct FewShotSplit: Sendable, Hashable {
    public typealias Row = DataSetManifest.Row

    /// The name of the set.
    public let dataSet: String
    /// The good images that references are drawn from, in byte order of their paths.
    public let candidates: [Row]
    /// The images that are scored unless they are too near a reference, in the order of the manifest.
    public let scored: [Row]
    /// Whether the set has images made for testing alone: then groups are not consulted.
    public let hasTest: Bool

    /// One choice of references, and what is left to score.
    public struct Draw: Sendable, Hashable {
        public let references: [Row]
        public let scored: [Row]
        /// Paths that share a group with a reference.
        public let sameGroup: [String]
        /// Paths of files that are byte-identical to a reference.
        public let identical: [String]
    }

    /// A set with rows `reference` and `test`, or with rows `test` alone, is split by them; any other gives the good rows of `train` as
    /// candidates, and every row of `train` and `val` is scored.
    ///
    /// Throws `unknownSet` if `manifest` has no row of `dataSet`.
    public init(_ manifest: DataSetManifest, dataSet: String) throws(EvaluationError) {
        let rows = manifest.rows.filter { $0.dataSet == dataSet }
        guard !rows.isEmpty else { throw .unknownSet(name: dataSet, known: manifest.dataSets) }
        self.dataSet = dataSet
        let splits = Set(rows.map(\.split))
        hasTest = splits.contains(.test) && (splits.contains(.reference) || splits == [.test])
        let hasTest = hasTest
        candidates = rows.filter { !$0.isDefective && $0.split == (hasTest ? .reference : .train) }
            .sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        scored = rows.filter { hasTest ? $0.split == .test : $0.split == .train || $0.split == .val }
    }

    /// Draw `number` of `count` references. Draws are nested: a larger count keeps the smaller one's.
    ///
    /// Throws `tooFewReferences`.
    public func draw(_ number: Int, count: Int) throws(EvaluationError) -> Draw {
        guard 0...candidates.count ~= count else {
            throw .tooFewReferences(set: dataSet, asked: count, candidates: candidates.count)
        }
        var generator = SplitMix64(dataSet: dataSet, draw: number)
        var order = candidates
        for index in 0..<count {
            let step = Int(generator.next() % UInt64(order.count - index))
            order.swapAt(index, index + step)
        }
        let references = Array(order.prefix(count))
        let paths = Set(references.map(\.path))
        let groups = hasTest ? [] : Set(references.map(\.group)).subtracting([""])
        let hashes = Set(references.map(\.sha256)).subtracting([""])
        let others = scored.filter { !paths.contains($0.path) }
        let identical = others.filter { hashes.contains($0.sha256) }
        let near = others.filter { groups.contains($0.group) && !hashes.contains($0.sha256) }
        return Draw(
            references: references,
            scored: others.filter { !hashes.contains($0.sha256) && !groups.contains($0.group) },
            sameGroup: near.map(\.path), identical: identical.map(\.path))
    }
}

extension SplitMix64 {
    /// Begun with the 64-bit FNV-1a hash of "SET/DRAW".
    fileprivate init(dataSet: String, draw: Int) {
        self.init(
            seed: "\(dataSet)/\(draw)".utf8.reduce(0xCBF2_9CE4_8422_2325) {
                ($0 ^ UInt64($1)) &* 0x100_0000_01B3
            })
    }
}
