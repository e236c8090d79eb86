import AnomalyModels
import EventStorage
import Events
package import Sockets
import Synchronization

// What people do with types. Each call changes memory at once and leaves the rest to the next commit.

extension TypeLedger {
    /// Calls type `id` `name`.
    package func rename(_ id: UInt16, to name: String) throws(Refusal) {
        try edit(id) { state, book throws(DefectTypeError) in
            try state.inBook(book) { types throws(DefectTypeError) in try types.rename(id, to: name) }
            state.dirty.insert(id)
        }
    }

    /// Puts the other types of `ids` into the first, which keeps its number and its name.
    package func merge(_ ids: [UInt16]) throws(Refusal) {
        let target = ids.first ?? 0
        guard ids.count > 1, Set(ids).count == ids.count else {
            throw Refusal(DefectTypeError.mergedWithItself(target), key: "types")
        }
        try edit(target) { state, book throws(DefectTypeError) in
            // All of them first: nothing is done by half.
            for id in ids { _ = try state.books[book]?.type(id) }
            for id in ids.dropFirst() {
                let known = state.books[book]
                let pair = (try known?.type(target).exemplars.first, try known?.type(id).exemplars.first)
                let name = try known?.type(id).name ?? ""
                try state.inBook(book) { types throws(DefectTypeError) in try types.merge(id, into: target) }
                if let a = pair.0, let b = pair.1 {
                    state.pending.append(.constrain(TypeConstraint(a: a, b: b, isTogether: true)))
                }
                state.pending += [.moveAll(from: id, to: target), .map(old: id, new: target), .retire(id)]
                state.gone[id] = name
            }
            state.keepExemplars(of: target, in: book)
        }
    }

    /// Makes two types of type `id`: the results `seqs` show the second of them. Returns both. Blocks.
    package func split(_ id: UInt16, apart seqs: [UInt64]) throws(Refusal) -> [UInt16] {
        let kept: [StoredEmbedding]
        do { kept = try reader.embeddings(type: id) } catch {
            throw Refusal(.storageError, message: "\(error)")
        }
        let asked = Set(seqs), apart = kept.filter { asked.contains($0.seq) }
        return try edit(id) { state, book throws(DefectTypeError) in
            guard kept.count > 1 else { throw .tooFewToSplit(id, count: kept.count) }
            guard !apart.isEmpty else { throw .notMembers(id, of: seqs) }
            let name = try state.books[book]?.type(id).name ?? ""
            let parts = try state.inBook(book) { types throws(DefectTypeError) in
                try types.split(id, members: kept.map(DefectTypes.Stray.init), apart: Set(apart.map(\.id)))
            }
            for part in parts { state.pending.append(.move(part.members, to: part.type)) }
            // Defects that came while this was thought about.
            let larger = parts.max { $0.members.count < $1.members.count }?.type ?? 0
            state.pending.append(.moveAll(from: id, to: larger))
            for part in parts {
                state.pending.append(.map(old: id, new: part.type))
                state.keepExemplars(of: part.type, in: book)
            }
            let others = parts.first?.members ?? []
            for key in apart.prefix(4).map(\.id) {
                guard let other = others.first else { break }
                state.pending.append(.constrain(TypeConstraint(a: other, b: key, isTogether: false)))
            }
            state.pending += [.retire(id), .next(state.next)]
            state.gone[id] = name
            return parts.map(\.type)
        }
    }

    /// Forgets type `id` with the defects that are kept of it.
    package func forget(_ id: UInt16) throws(Refusal) {
        try edit(id) { state, book throws(DefectTypeError) in
            state.gone[id] = try state.books[book]?.type(id).name
            try state.inBook(book) { types throws(DefectTypeError) in try types.forget(id) }
            state.pending += [.drop(embeddingsOf: id), .retire(id)]
        }
    }

    /// Calls `body` under the lock with the inspection that type `id` is of. Refuses what it throws.
    private func edit<Result>(
        _ id: UInt16, _ body: (inout State, String) throws(DefectTypeError) -> Result
    ) throws(Refusal) -> Result {
        do throws(DefectTypeError) {
            return try state.withLock { state throws(DefectTypeError) in
                guard let book = state.books.first(where: { (try? $0.value.type(id)) != nil })?.key else {
                    throw .unknown(id, known: state.books.values.flatMap { $0.types.map(\.id) }.sorted())
                }
                return try body(&state, book)
            }
        } catch { throw Refusal(error) }
    }
}

extension TypeLedger.State {
    /// Writes which defects show what type `id` looks like.
    mutating func keepExemplars(of id: UInt16, in book: String) {
        dirty.insert(id)
        guard let type = try? books[book]?.type(id) else { return }
        pending.append(.exemplars(type.exemplars, of: id))
    }
}

extension Refusal {
    init(_ error: DefectTypeError, key: String = "type") {
        let number: ErrorNumber =
            switch error {
            case .unknown: .notFound
            default: .badArgument
            }
        self.init(number, key: key, message: "\(error)")
    }
}
