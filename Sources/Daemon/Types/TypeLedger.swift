import AnomalyModels
package import EventStorage
package import Events
import FoundationEssentials
import Platform
import Synchronization

// HOW KINDS OF DEFECTS ARE KEPT
//
//   worker       describes up to four findings of a frame from the patches that its network gave anyway
//   publisher    right before a commit: each described finding gets a type here, or goes to the bin; the result says so
//   commit       result, embeddings and what became of the types, in one transaction
//
// So the log never holds a type's number without the type, and after a kill both are as the last commit left them.
// What people change goes the same way: into memory under the lock, and into the next commit. Changes are written in
// the order in which they were made here, whoever made them.

/// The kinds of defects that this station knows, of all its inspections.
package final class TypeLedger: Sendable {
    let state: Mutex<State>
    let reader: RecordReader
    /// Defects that were described by another head were forgotten, and types with them.
    package let hasForgotten: Bool

    /// So many described defects are kept (METHODS.md 5.3).
    package static let embeddingCapacity = 20_000
    /// After so many new ones the oldest are looked for.
    private static let trimPeriod = 256

    struct State {
        /// By inspection.
        var books: [String: DefectTypes] = [:]
        var settings = DefectTypes.Settings()
        /// Of the inspections that are known, by the number that descriptions carry.
        var names: [UInt32: String] = [:]
        /// Names of types that are no more.
        var gone: [UInt16: String] = [:]
        var next: UInt16 = 1
        var proposal: Int32?
        var lastProposal: Int32 = 0
        /// For the next commit: in order, and the types that are written as they are then.
        var pending: [TypeChange] = []
        var dirty: Set<UInt16> = []
        var untrimmed = 0
    }

    /// Goes on with what `reader` has.
    ///
    /// - Parameters:
    ///   - head: the digest of what describes defects; nil: nothing does, and everything is kept as it is.
    ///   - similarity: `EmbeddingHead.similarity` of it.
    ///
    /// Throws `EventLogError`.
    package init(_ reader: RecordReader, head: String?, similarity: Float) throws {
        self.reader = reader
        let settings = DefectTypes.Settings(similarity: similarity)
        let stored = try reader.types(binLimit: settings.binCapacity)
        var state = State()
        state.settings = settings
        (state.next, state.proposal, state.lastProposal) = (
            stored.next, stored.proposal, stored.lastProposal
        )
        let isOther = head.map { !stored.head.isEmpty && stored.head != $0 } ?? false
        hasForgotten = isOther && !stored.types.allSatisfy(\.isGone)
        if let head, stored.head != head { state.pending.append(.head(head)) }
        for type in stored.types where type.isGone || isOther { state.gone[type.id] = type.name }
        if isOther {
            state.pending += stored.types.filter { !$0.isGone }.map { .retire($0.id) }
            state.pending.append(.dropAll(through: stored.lastEmbedding))
        } else {
            state.books = Self.books(stored, settings)
        }
        self.state = Mutex(state)
    }

    private static func books(_ stored: StoredTypes, _ settings: DefectTypes.Settings) -> [String:
        DefectTypes]
    {
        let living = stored.types.filter { !$0.isGone }
        let known = Dictionary(grouping: living, by: \.inspection)
        // Strays of inspections without a type wait under their number, as nobody knows the name yet.
        var names: [UInt32: String] = [:]
        for name in known.keys { names[DefectDescription.number(of: name)] = name }
        let strays = Dictionary(grouping: stored.bin) { names[$0.inspection] ?? "#\($0.inspection)" }
        var books: [String: DefectTypes] = [:]
        for name in Set(known.keys).union(strays.keys) {
            let types = (known[name] ?? []).map { DefectType($0, exemplars: stored.exemplars[$0.id] ?? []) }
            books[name] = DefectTypes(
                types: types, bin: (strays[name] ?? []).map(DefectTypes.Stray.init), nextID: stored.next,
                settings: settings)
        }
        return books
    }

    /// Defects of the inspections `names` may come from now on.
    package func know(_ names: [String]) {
        state.withLock { state in
            for name in names {
                let number = DefectDescription.number(of: name)
                state.names[number] = name
                if let waiting = state.books.removeValue(forKey: "#\(number)") { state.books[name] = waiting }
            }
        }
    }

    /// Every type that there is, in rising order of their numbers.
    package var known: [StoredDefectType] {
        state.withLock { state in
            state.books.flatMap { name, book in
                book.types.map { StoredDefectType($0, inspection: name) }
            }.sorted { $0.id < $1.id }
        }
    }

    /// Where the log gets what is to be written.
    package var source: TypeSource {
        TypeSource(
            take: { [self] in
                state.withLock { state in
                    let kept = state.dirty.sorted().compactMap { id in state.stored(id).map(TypeChange.keep) }
                    defer { (state.pending, state.dirty) = ([], []) }
                    return kept + state.pending
                }
            },
            putBack: { [self] changes in state.withLock { $0.pending = changes + $0.pending } })
    }
}

extension TypeLedger {
    /// Gives every described finding of `bodies` a type, or calls it new, and adds the events of types that came of it.
    /// For the publisher's thread.
    package func complete(_ bodies: inout [Record.Body]) {
        state.withLock { state in
            var events: [Record.Body] = []
            for index in bodies.indices {
                guard case .result(var result) = bodies[index], !result.embeddings.isEmpty else { continue }
                events += state.assign(&result)
                bodies[index] = .result(result)
            }
            bodies += events
            guard state.untrimmed >= Self.trimPeriod else { return }
            state.untrimmed = 0
            state.pending.append(.trim(to: Self.embeddingCapacity - Self.trimPeriod))
        }
    }
}

extension TypeLedger.State {
    /// The type `id` as the log keeps it; nil if it is no more.
    func stored(_ id: UInt16) -> StoredDefectType? {
        for (name, book) in books {
            if let type = try? book.type(id) { return StoredDefectType(type, inspection: name) }
        }
        return nil
    }

    fileprivate mutating func assign(_ result: inout InspectionResult) -> [Record.Body] {
        var events: [Record.Body] = []
        for index in result.embeddings.indices {
            let embedding = result.embeddings[index], finding = Int(embedding.finding)
            guard let name = names[embedding.inspection], finding < result.findings.count else { continue }
            let key = DefectEmbedding.key(job: result.job, finding: embedding.finding)
            let given = inBook(name) { book in
                book.assign(DefectVector(codes: embedding.codes), key: key, at: result.timeMilliseconds)
            }
            untrimmed += 1
            result.embeddings[index].type = given.type
            result.embeddings[index].similarity = given.similarity
            result.findings[finding].cluster = given.type == 0 ? .max : given.type
            result.findings[finding].confidence = Self.perMille(given.confidence)
            result.findings[finding].novelty = Self.perMille(given.novelty)
            guard given.type > 0, let type = try? books[name]?.type(given.type) else { continue }
            dirty.insert(type.id)
            result.embeddings[index].isExemplar = type.exemplars.last == key
            guard let promotion = given.promoted else { continue }
            pending += [
                .move(promotion.members, to: type.id), .exemplars(type.exemplars, of: type.id), .next(next),
            ]
            events.append(.event(Self.event(type, name, promotion, camera: result.camera)))
        }
        result.name()
        return events
    }

    private static func perMille(_ share: Float) -> UInt16 {
        UInt16((1_000 * min(max(share, 0), 1)).rounded())
    }

    /// Lets `body` change the book of `name`, with the numbers that are left for new types.
    mutating func inBook<Result, Failure: Error>(
        _ name: String, _ body: (inout DefectTypes) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        books[name, default: DefectTypes(settings: settings)].nextID = next
        defer { next = books[name]?.nextID ?? next }
        return try body(&books[name, default: DefectTypes(settings: settings)])
    }

    private static func event(
        _ type: DefectType, _ inspection: String, _ promotion: DefectTypes.Promotion, camera: UInt8
    ) -> Event {
        var event = Event(.clusterNew, severity: .notice, camera: camera, a: Int32(type.id))
        event.timeMilliseconds = WallClock.now
        event.monotonicNanoseconds = Int64(MonotonicClock.now)
        event.detail =
            "{\"name\":\"\(type.name)\",\"inspect\":\"\(inspection)\",\"members\":\(promotion.members.count),"
            + "\"since_ms\":\(type.firstSeen)}"
        return event
    }
}

extension InspectionResult {
    /// The whole frame is of the type of its worst defect that has one.
    fileprivate mutating func name() {
        cluster = findings.first { $0.cluster != 0 }?.cluster ?? 0
        guard reason == .anomaly, cluster != 0 else { return }
        reason = cluster == .max ? .newCluster : .knownCluster
    }
}

extension DefectType {
    init(_ stored: StoredDefectType, exemplars: [Int64]) {
        self.init(
            id: stored.id, name: stored.name, centre: stored.centre, count: stored.count,
            threshold: stored.threshold, firstSeen: stored.firstSeen, lastSeen: stored.lastSeen,
            parents: stored.parents, exemplars: exemplars, recent: stored.recent, next: stored.next)
    }
}

extension StoredDefectType {
    init(_ type: DefectType, inspection: String) {
        self.init(
            id: type.id, name: type.name, inspection: inspection, count: type.count, centre: type.centre,
            threshold: type.threshold, firstSeen: type.firstSeen, lastSeen: type.lastSeen,
            parents: type.parents, recent: type.recent, next: type.next)
    }
}

extension DefectTypes.Stray {
    init(_ stored: StoredEmbedding) {
        self.init(
            key: stored.id, vector: DefectVector(codes: stored.codes), time: stored.timeMilliseconds)
    }
}
