import EventStorage
import Events
import Synchronization
import Testing

import struct Events.Record

/// Kinds of defects and their embeddings in the log.
struct DefectTypeTests {
    /// A source of changes as the daemon's, with what a test puts there.
    private final class Changes: Sendable {
        private let waiting = Mutex<[TypeChange]>([])

        func add(_ changes: [TypeChange]) { waiting.withLock { $0 += changes } }
        var count: Int { waiting.withLock { $0.count } }

        var source: TypeSource {
            TypeSource(
                take: { [self] in
                    waiting.withLock { list in
                        defer { list = [] }
                        return list
                    }
                }, putBack: { [self] changes in waiting.withLock { $0 = changes + $0 } })
        }
    }

    private func type(_ id: UInt16, count: Int = 9) -> StoredDefectType {
        StoredDefectType(
            id: id, name: "Riß \"\(id)\"", inspection: "weld", count: count, centre: [0.6, -0.8],
            threshold: 0.72, firstSeen: 1_795_230_000_000, lastSeen: 1_795_230_005_000, parents: [3, 1],
            recent: [0.9, 0.75], next: 1)
    }

    /// An NG result with two findings, both described.
    private func defect(_ job: UInt32, type: UInt16 = 0, time: Int64 = 1_795_230_000_000) -> Record.Body {
        guard case .result(var result) = result(job) else { preconditionFailure() }
        result.timeMilliseconds = time
        for index in 0..<2 as Range<UInt8> {
            var finding = Finding()
            (finding.cluster, finding.confidence, finding.novelty) = (type == 0 ? .max : type, 880, 120)
            result.findings.append(finding)
            var embedding = DefectEmbedding(finding: index, inspection: 77, codes: [127, -128, Int8(index)])
            (embedding.type, embedding.similarity, embedding.isExemplar) = (
                type, 0.88, index == 0 && type > 0
            )
            result.embeddings.append(embedding)
        }
        result.cluster = type == 0 ? .max : type
        return .result(result)
    }

    @Test("what was written about types and defects is read as it was, also after a kill")
    func roundTrip() throws {
        let house = Storehouse(), changes = Changes()
        var log = try house.open()
        #expect(try log.reader.types(binLimit: 9).next == 1 && log.reader.types(binLimit: 9).types.isEmpty)
        log.takeTypes(from: changes.source)
        let job = log.takeJob(), other = log.takeJob()
        changes.add([
            .keep(type(4)), .keep(type(2)), .retire(2), .next(5), .head("abc"), .propose(3, [1, 2]),
        ])
        let seq = try log.commit([defect(job, type: 4), defect(other)]).last
        log.abandon()
        log = try house.open()
        let found = try log.reader.types(binLimit: 9)
        var gone = type(2)
        gone.isGone = true
        #expect(found.types == [gone, type(4)] && found.next == 5 && found.head == "abc")
        #expect(found.embeddingCount == 4 && found.proposal == 3 && found.lastProposal == 3)
        #expect(found.bin.map(\.id) == [0, 1].map { DefectEmbedding.key(job: other, finding: $0) })
        #expect(found.exemplars == [4: [DefectEmbedding.key(job: job, finding: 0)]])
        let kept = try log.reader.embeddings(type: 4)
        #expect(
            kept.map(\.seq) == [seq - 1, seq - 1] && kept.map(\.codes) == [[127, -128, 0], [127, -128, 1]])
        #expect(kept.allSatisfy { $0.inspection == 77 && $0.similarity == 0.88 })
        #expect(try log.reader.typeProposal(3) == [1, 2] && log.reader.typeProposal(4) == nil)
        let record = try #require(try log.reader.record(at: seq).result)
        #expect(record.embeddings.isEmpty && record.findings.map(\.confidence) == [880, 880])
        #expect(record.findings.map(\.novelty) == [120, 120] && record.cluster == .max)
    }

    @Test("a commit that fails writes nothing about types, and the next one writes it")
    func failure() throws {
        let house = Storehouse(), changes = Changes(), veto = Veto()
        let log = try house.open()
        log.takeTypes(from: changes.source)
        try log.observe(veto)
        changes.add([.keep(type(1)), .next(2)])
        veto.isUp.change { $0 = true }
        #expect(throws: EventLogError.self) { try log.commit([defect(log.takeJob(), type: 1)]) }
        #expect(try changes.count == 2 && (log.reader.types(binLimit: 1).types.isEmpty))
        veto.isUp.change { $0 = false }
        changes.add([.keep(type(1, count: 10))])
        try log.answer { log.flushTypes($0) }
        let found = try log.reader.types(binLimit: 1)
        #expect(found.types == [type(1, count: 10)] && found.next == 2 && changes.count == 0)
    }

    @Test("defects move between types, are dropped with theirs, and are counted by time")
    func changes() throws {
        let house = Storehouse(), changes = Changes()
        let log = try house.open()
        log.takeTypes(from: changes.source)
        let start: Int64 = 1_795_230_000_000
        for index in 0..<6 as Range<Int64> {
            try log.commit([defect(log.takeJob(), type: index < 3 ? 1 : 2, time: start + index)])
        }
        #expect(
            try log.reader.typeCounts(since: [0, start + 2, start + 4]) == [1: [6, 2, 0], 2: [6, 6, 4]])
        let ids = try log.reader.embeddings(type: 1).map(\.id)
        changes.add([
            .moveAll(from: 2, to: 1), .move(Array(ids.prefix(2)), to: 7), .exemplars([ids[1]], of: 7),
        ])
        changes.add([.map(old: 2, new: 1), .constrain(TypeConstraint(a: 5, b: 9, isTogether: false))])
        try log.answer { log.flushTypes($0) }
        #expect(try log.reader.typeCounts(since: [0]) == [1: [10], 7: [2]])
        #expect(try log.reader.types(binLimit: 0).exemplars[7] == [ids[1]])
        #expect(try log.reader.typeMap().map { [$0.old, $0.new] } == [[2, 1]])
        #expect(try log.reader.typeConstraints() == [TypeConstraint(a: 5, b: 9, isTogether: false)])
        changes.add([.drop(embeddingsOf: 1)])
        try log.answer { log.flushTypes($0) }
        #expect(try log.reader.embeddings().count == 2)
    }

    @Test("over the limit the largest type loses its oldest defects, and no exemplar")
    func trim() throws {
        let house = Storehouse(), changes = Changes()
        let log = try house.open()
        log.takeTypes(from: changes.source)
        let start: Int64 = 1_795_230_000_000
        for index in 0..<40 as Range<Int64> {
            try log.commit([defect(log.takeJob(), type: index % 4 == 0 ? 2 : 1, time: start + index)])
        }
        changes.add([.trim(to: 70)])
        try log.answer { log.flushTypes($0) }
        #expect(try log.reader.embeddings().count == 70 && log.reader.embeddings(type: 2).count == 20)
        let kept = try log.reader.embeddings(type: 1)
        #expect(kept.count { $0.isExemplar } == 30)
        #expect(kept.filter { !$0.isExemplar }.map(\.timeMilliseconds).min() ?? 0 > start + 12)
    }

    @Test("a log of the first schema keeps its records and gets what types need")
    func upgrade() throws {
        let house = Storehouse()
        var old = Schema.current
        old.migrations = Array(old.migrations.prefix(1))
        var log = try house.open(schema: old)
        let job = log.takeJob()
        let seq = try log.commit([result(job)]).last
        log.abandon()
        log = try house.open()
        #expect(try log.reader.record(at: seq).result?.job == job)
        #expect(try log.reader.types(binLimit: 9).types.isEmpty)
        let changes = Changes()
        log.takeTypes(from: changes.source)
        changes.add([.keep(type(1))])
        try log.commit([defect(log.takeJob(), type: 1)])
        #expect(try log.reader.types(binLimit: 9).types == [type(1)])
    }

    @Test("a type with numbers that nobody can have meant is an error, no trap")
    func damaged() throws {
        let house = Storehouse(), changes = Changes()
        let log = try house.open()
        log.takeTypes(from: changes.source)
        changes.add([.keep(type(1))])
        try log.answer { log.flushTypes($0) }
        for change in ["centre = x'0000C07F'", "centre = x'00'", "recent = x'0000807F'"] {
            try log.execute("UPDATE defect_type SET \(change) WHERE id = 1")
            #expect(throws: EventLogError.self, "\(change)") { try log.reader.types(binLimit: 1) }
            try log.execute("UPDATE defect_type SET centre = x'0000803F', recent = NULL WHERE id = 1")
        }
        try log.execute("INSERT OR REPLACE INTO meta(k, v) VALUES ('type_next', 1)")
        #expect(try log.reader.types(binLimit: 1).next == 2, "a number that a type has is not given again")
    }
}
