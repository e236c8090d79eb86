import AnomalyModels
import EventStorage
import Events
import Platform
import Sockets
import Synchronization

extension InspectionControl {
    /// Carries out an operation on kinds of defects; what it changed is durable when it returns.
    func administerTypes(_ request: AdminRequest) async throws(Refusal) -> [JSONMember] {
        var answer: [JSONMember] = []
        switch request {
        case .typeList: return try types.list(now: WallClock.now)
        case .typeShow(let id): return try types.show(id, now: WallClock.now)
        case .typeName(let id, let name): try types.rename(id, to: name)
        case .typeMerge(let ids): try types.merge(ids)
        case .typeSplit(let id, let seqs):
            let parts = try types.split(id, apart: seqs)
            answer = [JSONMember("types", .array(parts.map { .integer(Int64($0)) }))]
        case .typeForget(let id): try types.forget(id)
        case .typeApplyPiece(let piece): answer = try apply(piece)
        case .typeApplyProposal(let id): answer = (try types.accept(proposal: id)).members
        default: throw Refusal(.unknownOperation)
        }
        try await flushTypes()
        return answer
    }

    private static let revisionLimit = 8 << 20

    private func apply(_ piece: AdminRequest.Piece) throws(Refusal) -> [JSONMember] {
        if piece.offset == 0 { revision = try Upload(piece, limit: Self.revisionLimit) }
        guard var upload = revision else {
            throw Refusal(.badArgument, key: "off", message: "The first piece begins at 0.")
        }
        guard let file = try upload.add(piece) else {
            revision = upload
            return [JSONMember("off", .integer(Int64(upload.next)))]
        }
        revision = nil
        return try types.revise(file).members
    }

    private func flushTypes() async throws(Refusal) {
        let log = core.log
        let answer = await withCheckedContinuation { continuation in
            log.flushTypes { continuation.resume(returning: $0) }
        }
        if case .failure(let error) = answer {
            throw Refusal(
                .storageError,
                message:
                    "\(error) What was changed is in force and will be stored as soon as that is possible.")
        }
    }
}

extension TypeLedger.Verdict {
    fileprivate var members: [JSONMember] {
        switch self {
        case .applied(let changed, let types):
            [
                JSONMember("applied", .integer(1)), JSONMember("changed", .number(changed)),
                JSONMember("types", .integer(Int64(types))),
            ]
        case .proposed(let id, let changed, let ends):
            [
                JSONMember("applied", .integer(0)), JSONMember("proposal", .integer(Int64(id))),
                JSONMember("changed", .number(changed)), JSONMember("ends", .array(ends.map { .text($0) })),
            ]
        }
    }
}
