import Daemon
import EventStorage
import Events
import Foundation
import Sockets
import Testing

import struct Events.Record

@Suite("the ledger of kinds of defects")
struct TypeLedgerTests {
    @Test("three kinds become three types, each told once, and every record says which")
    func grow() throws {
        let bench = try TypeBench()
        let results = try bench.stream(150, kinds: 3)
        #expect(bench.ledger.known.map(\.id) == [1, 2, 3])
        #expect(try bench.log.reader.types(binLimit: 9).next == 4)
        let records = try bench.log.reader.records(after: 0, limit: 1_000)
        let events = records.compactMap { record -> Event? in
            guard case .event(let event) = record.body, event.code == .clusterNew else { return nil }
            return event
        }
        #expect(
            events.map(\.a) == [1, 2, 3] && events.allSatisfy { $0.camera == 1 && $0.severity == .notice })
        let first = try #require(events.first)
        #expect(first.detail.contains("\"name\":\"type-1\",\"inspect\":\"weld\""))
        for result in results {
            let isNew = result.cluster == .max
            #expect(result.reason == (isNew ? .newCluster : .knownCluster) && result.verdict == .ng)
            #expect(result.findings[0].cluster == result.cluster)
            #expect(isNew ? result.findings[0].confidence == 0 : result.findings[0].confidence > 900)
        }
        // After the last type was found nothing is new, and each kind has one type.
        let late = results.suffix(60)
        #expect(late.allSatisfy { (1...3).contains($0.cluster) })
        for kind in 0..<3 as Range<UInt32> {
            #expect(Set(late.filter { $0.partNumber == kind }.map(\.cluster)).count == 1)
        }
        let kept = try bench.log.reader.embeddings()
        #expect(kept.count == 150 && kept.count { $0.type == 0 } < 10)
    }

    @Test("killed at any point it goes on as if nothing had been")
    func killed() throws {
        let whole = try TypeBench(), broken = try TypeBench()
        let expected = try whole.stream(120, kinds: 3)
        var found: [InspectionResult] = []
        for _ in 0..<8 {
            found += try broken.stream(15, kinds: 3)
            try broken.kill()
        }
        #expect(found.map(\.cluster) == expected.map(\.cluster))
        #expect(found.map(\.findings) == expected.map(\.findings))
        #expect(broken.ledger.known == whole.ledger.known)
    }

    @Test("names, merged, split and forgotten types outlive a kill, and no number is given again")
    func edited() throws {
        let bench = try TypeBench()
        try bench.stream(150, kinds: 3)
        try bench.ledger.rename(2, to: "Kratzer, ölig & \"tief\"")
        try bench.ledger.merge([2, 1])
        try bench.flush()
        try bench.kill()
        #expect(bench.ledger.known.map(\.id) == [2, 3])
        #expect(
            bench.ledger.known[0].name == "Kratzer, ölig & \"tief\"" && bench.ledger.known[0].parents == [1])
        #expect(try bench.log.reader.typeMap().map { [$0.old, $0.new] } == [[1, 2]])
        let pair = try #require(try bench.log.reader.typeConstraints().first)
        #expect(pair.isTogether)
        // A defect of the merged kind shows the part that is split off.
        let seq = try #require(try bench.log.reader.embeddings().first { $0.id == pair.b }).seq
        #expect(try bench.ledger.split(2, apart: [seq]) == [4, 5])
        try bench.flush()
        try bench.kill()
        #expect(bench.ledger.known.map(\.id) == [3, 4, 5])
        #expect(try bench.log.reader.typeConstraints().contains { !$0.isTogether })
        try bench.ledger.forget(3)
        try bench.flush()
        try bench.kill()
        #expect(try bench.ledger.known.map(\.id) == [4, 5] && (bench.log.reader.embeddings(type: 3).isEmpty))
        let again = try bench.stream(90, kinds: 3)
        #expect(Set(again.map(\.cluster)).isDisjoint(with: [1, 2, 3]))
        #expect(bench.ledger.known.map(\.id) == [4, 5, 6], "the forgotten kind has another number")
    }

    @Test("what cannot be done is refused in one line, and nothing changes")
    func refused() throws {
        let bench = try TypeBench()
        try bench.stream(150, kinds: 3)
        let before = bench.ledger.known
        func message(_ body: () throws(Refusal) -> Void) -> String {
            do throws(Refusal) { try body() } catch { return error.message }
            return ""
        }
        let ledger = bench.ledger
        #expect(
            message { () throws(Refusal) in try ledger.merge([1, 1]) }.contains(
                "cannot be merged with itself"))
        #expect(
            message { () throws(Refusal) in try ledger.merge([1]) }.contains("cannot be merged with itself"))
        #expect(
            message { () throws(Refusal) in try ledger.merge([1, 2, 9]) }
                == "There is no type 9. Known are: 1, 2, 3.")
        #expect(
            message { () throws(Refusal) in try ledger.rename(9, to: "x") }.hasPrefix("There is no type 9"))
        #expect(message { () throws(Refusal) in try ledger.rename(1, to: "type-2") }.contains("has the name"))
        #expect(message { () throws(Refusal) in try ledger.rename(1, to: "a\u{7}b") }.contains("is no name"))
        #expect(
            message { () throws(Refusal) in _ = try ledger.split(1, apart: [9_999]) }.contains(
                "No kept defect of type 1"))
        #expect(message { () throws(Refusal) in try ledger.forget(9) }.hasPrefix("There is no type 9"))
        #expect(
            message { () throws(Refusal) in _ = try ledger.accept(proposal: 3) }.contains(
                "There is no proposal 3"))
        #expect(
            message { () throws(Refusal) in _ = try ledger.revise([1, 2, 3]) }.contains("no re-clustering"))
        #expect(bench.ledger.known == before)
    }

    @Test("a type of one kept defect cannot be split")
    func one() throws {
        let bench = try TypeBench()
        try bench.stream(40, kinds: 1)
        let kept = try bench.log.reader.embeddings(type: 1)
        for _ in 0..<1 { _ = try bench.ledger.split(1, apart: [kept[0].seq]) }
        try bench.flush()
        let single = try #require(bench.ledger.known.first { $0.count == 1 })
        let refusal = #expect(throws: Refusal.self) {
            try bench.ledger.split(single.id, apart: [kept[0].seq])
        }
        #expect(refusal?.message.contains("cannot be split: of its defects 1 are kept") == true)
    }

    @Test("defects described by another head are forgotten with their types, whose numbers stay taken")
    func otherHead() throws {
        let bench = try TypeBench()
        try bench.stream(60, kinds: 2)
        #expect(bench.ledger.known.count == 2)
        try bench.kill(head: "other")
        #expect(bench.ledger.hasForgotten && bench.ledger.known.isEmpty)
        try bench.stream(60, kinds: 2)
        #expect(try bench.ledger.known.map(\.id) == [3, 4] && (bench.log.reader.embeddings().count == 60))
        try bench.kill(head: "other")
        #expect(!bench.ledger.hasForgotten && bench.ledger.known.map(\.id) == [3, 4])
    }

    @Test("lists and shows types with counts, exemplars and neighbours")
    func answers() throws {
        let bench = try TypeBench()
        try bench.stream(150, kinds: 3)
        let list = try bench.ledger.list(now: bench.time)
        let rows = try #require(list.first { $0.key == "types" }?.value.elements)
        #expect(rows.count == 3 && rows.allSatisfy { $0["hour"]?.integer ?? 0 > 0 })
        let strays = list.first { $0.key == "unassigned" }?.value.integer ?? 0
        #expect(strays < 10 && rows.reduce(0) { $0 + ($1["count"]?.integer ?? 0) } == 150 - strays)
        let show = JSONValue.object(try bench.ledger.show(2, now: bench.time))
        let exemplars = try #require(show["exemplars"]?.elements)
        #expect(exemplars.count == 16 && exemplars.allSatisfy { $0["w"]?.integer == 20 })
        #expect(show["neighbours"]?.elements?.count == 2 && show["hours"]?.elements?.count == 24)
        let hours = show["hours"]?.elements?.compactMap(\.integer).reduce(0, +)
        #expect(hours == show["count"]?.integer)
        try bench.ledger.merge([1, 2])
        try bench.flush()
        let gone = #expect(throws: Refusal.self) { try bench.ledger.show(2, now: 0) }
        #expect(gone?.message == "Type 2 is no more: what was of it is of type 1.")
    }
}
