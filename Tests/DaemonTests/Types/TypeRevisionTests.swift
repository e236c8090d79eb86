import AnomalyModels
import Daemon
import EventStorage
import Events
import Foundation
import Sockets
import Testing

@Suite("kinds of defects sorted anew")
struct TypeRevisionTests {
    /// The kept defects with the clusters that `cluster` puts them into; those of no type are in none.
    private func revision(
        _ bench: TypeBench, _ clusters: Int, keeps: [UInt16?], _ cluster: (StoredEmbedding) -> Int
    ) throws -> [UInt8] {
        var members = [[Int64]](repeating: [], count: clusters)
        for row in try bench.log.reader.embeddings() where row.type > 0 {
            members[cluster(row)].append(row.id)
        }
        let revision = TypeRevision(inspections: [
            .init(
                number: DefectDescription.number(of: "weld"), types: bench.ledger.known.map(\.id),
                clusters: zip(keeps, members).map { .init(keeps: $0, parents: [1], members: $1) })
        ])
        return Array(try JSONEncoder().encode(revision))
    }

    @Test("few changes are put in force at once, in one commit, and outlive a kill")
    func applied() throws {
        let bench = try TypeBench()
        try bench.stream(150, kinds: 3)
        let before = bench.ledger.known, kept = try bench.log.reader.embeddings()
        // Every tenth defect goes to the next type.
        let order = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1.id, $0) })
        let file = try revision(bench, 3, keeps: [1, 2, 3]) {
            order[$0.id]! % 10 == 0 ? Int($0.type % 3) : Int($0.type) - 1
        }
        guard case .applied(let changed, let types) = try bench.ledger.revise(file) else {
            Issue.record("it was not applied")
            return
        }
        #expect(abs(changed - 0.1) < 0.02 && types == 3)
        // Not yet durable: a kill leaves everything as it was.
        try bench.kill()
        #expect(bench.ledger.known == before)
        #expect(try bench.log.reader.embeddings() == kept)
        _ = try bench.ledger.revise(file)
        try bench.flush()
        let after = bench.ledger.known
        #expect(after.map(\.id) == [1, 2, 3] && after != before && after.map(\.name) == before.map(\.name))
        try bench.kill()
        #expect(bench.ledger.known == after)
        let moved = zip(kept, try bench.log.reader.embeddings()).count { $0.type != $1.type }
        #expect(10...15 ~= moved, "\(moved)")
    }

    @Test("what would change many waits as a proposal until a person accepts it")
    func proposed() throws {
        let bench = try TypeBench()
        try bench.stream(150, kinds: 3)
        let before = bench.ledger.known
        let file = try revision(bench, 2, keeps: [2, nil]) { $0.type == 2 ? 0 : 1 }
        guard case .proposed(let number, let changed, let ends) = try bench.ledger.revise(file) else {
            Issue.record("it was not proposed")
            return
        }
        #expect(number == 1 && changed > 0.6 && ends.isEmpty && bench.ledger.known == before)
        try bench.flush()
        try bench.kill()
        #expect(bench.ledger.known == before)
        let listed = try bench.ledger.list(now: bench.time)
        #expect(listed.contains { $0.key == "proposal" && $0.value.integer == 1 })
        guard case .applied = try bench.ledger.accept(proposal: 1) else {
            Issue.record("it was not applied")
            return
        }
        try bench.flush()
        try bench.kill()
        #expect(bench.ledger.known.map(\.id) == [2, 4])
        #expect(bench.ledger.known[1].parents == [1] && 90...100 ~= bench.ledger.known[1].count)
        #expect(try Set(bench.log.reader.typeMap().map { [$0.old, $0.new] }) == [[1, 4], [3, 4]])
        #expect(throws: Refusal.self) { try bench.ledger.accept(proposal: 1) }
        let again = try bench.stream(9, kinds: 3)
        #expect(Set(again.map(\.cluster)).isSubset(of: [2, 4, .max]))
    }

    @Test("what would end a type that somebody named waits, however few it changes")
    func named() throws {
        let bench = try TypeBench()
        try bench.stream(200, kinds: 4)
        try bench.ledger.rename(4, to: "burr")
        let file = try revision(bench, 3, keeps: [1, 2, 3]) { min(Int($0.type), 3) - 1 }
        guard case .proposed(_, let changed, let ends) = try bench.ledger.revise(file) else {
            Issue.record("it was not proposed")
            return
        }
        #expect(changed < TypeLedger.proposedAbove && ends == ["burr"] && bench.ledger.known.count == 4)
        try bench.flush()
        // One that changes nothing, and is in force: what waited was made of the types before it.
        _ = try bench.ledger.revise(revision(bench, 4, keeps: [1, 2, 3, 4]) { Int($0.type) - 1 })
        try bench.flush()
        #expect(throws: Refusal.self) { try bench.ledger.accept(proposal: 1) }
        _ = try bench.ledger.revise(file)
        try bench.flush()
        _ = try bench.ledger.accept(proposal: 2)
        #expect(bench.ledger.known.map(\.id) == [1, 2, 3])
    }

    @Test("a re-clustering of types that are no more is refused, and younger types stay")
    func stale() throws {
        let bench = try TypeBench()
        try bench.stream(60, kinds: 2)
        let file = try revision(bench, 2, keeps: [1, 2]) { $0.type == 1 ? 0 : 1 }
        try bench.stream(60, kinds: 3)
        #expect(bench.ledger.known.map(\.id) == [1, 2, 3])
        let third = try bench.log.reader.embeddings(type: 3)
        _ = try bench.ledger.revise(file, isAccepted: true)
        try bench.flush()
        #expect(bench.ledger.known.map(\.id) == [1, 2, 3])
        #expect(try bench.log.reader.embeddings(type: 3) == third)
        try bench.ledger.forget(2)
        let refusal = #expect(throws: Refusal.self) { try bench.ledger.revise(file) }
        #expect(refusal?.message.contains("The types have changed") == true)
        #expect(bench.ledger.known.map(\.id) == [1, 3])
    }
}
