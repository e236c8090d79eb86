import AnomalyModels
import EventStorage
import Events
import FoundationEssentials
package import Sockets
import Synchronization

extension TypeLedger {
    /// What became of a re-clustering.
    package enum Verdict: Sendable {
        case applied(changed: Double, types: Int)
        /// A person has to say so: so many would change, and the types that have a name from a person and would be no more.
        case proposed(Int32, changed: Double, ends: [String])
    }

    /// Above this share of defects whose type would change, a person decides (METHODS.md 5.3).
    package static let proposedAbove = 0.3

    /// Puts the re-clustering in `file` in force, or keeps it as a proposal if it changes too much or ends a type
    /// that somebody named. Blocks.
    package func revise(_ file: [UInt8], isAccepted: Bool = false) throws(Refusal) -> Verdict {
        guard let revision = try? JSONDecoder().decode(TypeRevision.self, from: Data(file)) else {
            throw Refusal(.badArgument, key: "b64", message: "This is no re-clustering of 'linewatch type'.")
        }
        let kept: [StoredEmbedding]
        do { kept = try reader.embeddings() } catch {
            throw Refusal(.storageError, message: "\(error)")
        }
        let byInspection = Dictionary(grouping: kept, by: \.inspection).mapValues { rows in
            rows.map { DefectTypes.Kept(type: $0.type, stray: DefectTypes.Stray($0)) }
        }
        do throws(DefectTypeError) {
            return try state.withLock { state throws(DefectTypeError) in
                try state.revise(revision, byInspection, file, isAccepted: isAccepted)
            }
        } catch {
            throw Refusal(
                .badArgument, key: "b64",
                message:
                    "The types have changed since it was made (\(error)) Run 'linewatch type recluster' again."
            )
        }
    }

    /// Puts the proposal `id` in force. Blocks.
    package func accept(proposal id: Int32) throws(Refusal) -> Verdict {
        let body: [UInt8]?
        do { body = try reader.typeProposal(id) } catch {
            throw Refusal(.storageError, message: "\(error)")
        }
        guard let body, state.withLock({ $0.proposal }) == id else {
            throw Refusal(
                .notFound, key: "proposal",
                message: "There is no proposal \(id). 'linewatch type list' shows the one that waits.")
        }
        return try revise(body, isAccepted: true)
    }
}

extension TypeLedger.State {
    /// All of it or nothing: works on copies of the books.
    fileprivate mutating func revise(
        _ revision: TypeRevision, _ kept: [UInt32: [DefectTypes.Kept]], _ file: [UInt8], isAccepted: Bool
    ) throws(DefectTypeError) -> TypeLedger.Verdict {
        var changed = self, counted = 0.0, moved = 0.0, ends: [String] = []
        for inspection in revision.inspections {
            guard let name = names[inspection.number], let own = kept[inspection.number] else { continue }
            let revised = try changed.inBook(name) { book throws(DefectTypeError) in
                try book.revise(inspection.clusters, known: inspection.types, kept: own)
            }
            let typed = Double(own.count { $0.type > 0 })
            (counted, moved) = (counted + typed, moved + revised.changedShare * typed)
            for (old, _) in revised.gone {
                guard let name = stored(old)?.name else { continue }
                changed.gone[old] = name
                if name != "type-\(old)" { ends.append(name) }
            }
            changed.note(revised, name)
        }
        let share = counted > 0 ? moved / counted : 0
        guard isAccepted || share <= TypeLedger.proposedAbove && ends.isEmpty else {
            lastProposal += 1
            proposal = lastProposal
            pending.append(.propose(lastProposal, file))
            return .proposed(lastProposal, changed: share, ends: ends)
        }
        changed.pending.append(.next(changed.next))
        // What waits is in force, or was made of types that are others now.
        if let waiting = changed.proposal {
            changed.pending.append(.withdraw(waiting))
            changed.proposal = nil
        }
        self = changed
        return .applied(changed: share, types: books.values.reduce(0) { $0 + $1.types.count })
    }

    private mutating func note(_ revised: DefectTypes.Revised, _ name: String) {
        for move in revised.moves { pending.append(.move(move.members, to: move.type)) }
        for (old, new) in revised.gone {
            pending.append(.retire(old))
            // What came since it was made: with the others, or looked at anew.
            pending.append(.moveAll(from: old, to: new))
            if new > 0 { pending.append(.map(old: old, new: new)) }
        }
        for id in revised.changed { keepExemplars(of: id, in: name) }
    }
}
