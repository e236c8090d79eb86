import AnomalyModels
import EventStorage
import Events
package import Sockets
import Synchronization

// What `type.list` and `type.show` say.

extension TypeLedger {
    private static let hour: Int64 = 3_600_000
    private static let day: Int64 = 86_400_000
    /// So many fit into a line, whatever their names.
    private static let shownTypes = 64

    /// Every type with its counts, the one seen last first. Blocks.
    package func list(now: Int64) throws(Refusal) -> [JSONMember] {
        let recent = try stored { reader throws(EventLogError) in
            try reader.typeCounts(since: [now - Self.hour, now - Self.day, 0])
        }
        let (rows, proposal, strays) = state.withLock { state in
            (
                state.books.flatMap { name, book in book.types.map { (name, $0) } },
                state.proposal, state.books.values.reduce(0) { $0 + $1.bin.count }
            )
        }
        let sorted = rows.sorted { ($0.1.lastSeen, $1.1.id) > ($1.1.lastSeen, $0.1.id) }
        var members = [
            JSONMember(
                "types",
                .array(
                    sorted.prefix(Self.shownTypes).map { name, type in
                        let counts = recent[type.id] ?? [0, 0, 0]
                        return .object(
                            Self.members(type, name) + [
                                JSONMember("hour", .integer(Int64(counts[0]))),
                                JSONMember("day", .integer(Int64(counts[1]))),
                                JSONMember("kept", .integer(Int64(counts[2]))),
                            ])
                    })),
            JSONMember("more", .integer(Int64(max(0, sorted.count - Self.shownTypes)))),
            JSONMember("unassigned", .integer(Int64(strays))),
            JSONMember("unassigned_day", .integer(Int64(recent[0]?[1] ?? 0))),
        ]
        if let proposal { members.append(JSONMember("proposal", .integer(Int64(proposal)))) }
        return members
    }

    private static func members(_ type: DefectType, _ inspection: String) -> [JSONMember] {
        [
            JSONMember("type", .integer(Int64(type.id))), JSONMember("name", .text(type.name)),
            JSONMember("inspect", .text(inspection)), JSONMember("count", .integer(Int64(type.count))),
            JSONMember("first_ms", .integer(type.firstSeen)), JSONMember("last_ms", .integer(type.lastSeen)),
        ]
    }

    /// One type with the defects that show it, its neighbours, and its counts over time. Blocks.
    package func show(_ id: UInt16, now: Int64) throws(Refusal) -> [JSONMember] {
        let found = state.withLock { state -> (String, DefectTypes, DefectType)? in
            for (name, book) in state.books {
                if let type = try? book.type(id) { return (name, book, type) }
            }
            return nil
        }
        guard let (name, book, type) = found else {
            let (known, old) = state.withLock { state in
                (state.books.values.flatMap { $0.types.map(\.id) }.sorted(), state.gone[id])
            }
            guard old == nil else { throw Refusal(.notFound, key: "type", message: try heirs(of: id)) }
            throw Refusal(DefectTypeError.unknown(id, known: known))
        }
        let kept = try stored { reader throws(EventLogError) in try reader.embeddings(type: id) }
        return Self.members(type, name) + [
            JSONMember("threshold", .number(Double(type.threshold))),
            JSONMember("parents", .array(type.parents.map { .integer(Int64($0)) })),
            JSONMember("exemplars", .array(exemplars(of: type, kept))),
            JSONMember("neighbours", .array(Self.neighbours(of: type, in: book))),
            JSONMember("hours", Self.counts(kept, 24, of: Self.hour, now)),
            JSONMember("days", Self.counts(kept, 14, of: Self.day, now)),
        ]
    }

    /// What became of a type that is no more.
    private func heirs(of id: UInt16) throws(Refusal) -> String {
        let map = try stored { reader throws(EventLogError) in try reader.typeMap() }
        let heirs = Set(map.filter { $0.old == id }.map(\.new)).sorted()
        guard !heirs.isEmpty else { return "Type \(id) was forgotten. Defects like it are new again." }
        return
            "Type \(id) is no more: what was of it is of \(heirs.map { "type \($0)" }.joined(separator: " and "))."
    }

    /// The defects that show `type`, the most similar first, with their places in their frames.
    private func exemplars(of type: DefectType, _ kept: [StoredEmbedding]) -> [JSONValue] {
        let keys = Set(type.exemplars)
        let rows = kept.filter { keys.contains($0.id) }.map {
            ($0, type.similarity(to: DefectVector(codes: $0.codes)))
        }
        return rows.sorted { $0.1 > $1.1 }.map { row, similarity in
            var box = Box()
            if let record = try? reader.record(at: row.seq), case .result(let result) = record.body,
                Int(row.finding) < result.findings.count
            {
                box = result.findings[Int(row.finding)].box
            }
            return .object([
                JSONMember("seq", .integer(Int64(clamping: row.seq))),
                JSONMember("ts", .integer(row.timeMilliseconds)),
                JSONMember("sim", .number(Double(similarity))),
                JSONMember("x", .integer(Int64(box.x))), JSONMember("y", .integer(Int64(box.y))),
                JSONMember("w", .integer(Int64(box.width))), JSONMember("h", .integer(Int64(box.height))),
            ])
        }
    }

    /// The types that it may be confused with, the nearest first.
    private static func neighbours(of type: DefectType, in book: DefectTypes) -> [JSONValue] {
        let rows = book.types.filter { $0.id != type.id }.map { ($0, type.similarity(to: $0)) }
        return rows.sorted { $0.1 > $1.1 }.prefix(5).map { other, similarity in
            .object([
                JSONMember("type", .integer(Int64(other.id))), JSONMember("name", .text(other.name)),
                JSONMember("sim", .number(Double(similarity))),
            ])
        }
    }

    /// How many of `kept` came in each of the last `count` spans, oldest first.
    private static func counts(_ kept: [StoredEmbedding], _ count: Int, of span: Int64, _ now: Int64)
        -> JSONValue
    {
        var counts = [Int64](repeating: 0, count: count)
        for row in kept {
            let age = (now - row.timeMilliseconds) / span
            if 0..<Int64(count) ~= age { counts[count - 1 - Int(age)] += 1 }
        }
        return .array(counts.map { .integer($0) })
    }

    private func stored<Value>(
        _ read: (RecordReader) throws(EventLogError) -> Value
    ) throws(Refusal) -> Value {
        do throws(EventLogError) { return try read(reader) } catch {
            throw Refusal(.storageError, message: "\(error)")
        }
    }
}
