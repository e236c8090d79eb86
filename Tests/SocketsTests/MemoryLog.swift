import Dispatch
import Events
import Sockets
import Synchronization

/// A record source in memory, which can be grown, shortened and broken.
final class MemoryLog: RecordSource {
    private struct State {
        var records: [Record] = []
        var consumers: [Consumer] = []
        var first: UInt64 = 1
        var fault: SourceError?
        var recentLimit = 4
        var reads = 0
        var last: UInt64 { records.last?.seq ?? first - 1 }
    }

    private let state = Mutex(State())
    let log: UInt32 = 0x7F3A_9C21
    let run: UInt32 = 42

    var reads: Int { state.withLock { $0.reads } }

    var span: LogSpan {
        state.withLock { LogSpan(log: log, run: run, first: $0.first, last: $0.last) }
    }

    /// Appends `record` under the next number and returns that.
    @discardableResult
    func append(_ body: Record.Body) -> UInt64 {
        state.withLock {
            let seq = $0.last + 1
            $0.records.append(Record(seq: seq, run: run, body: body))
            return seq
        }
    }

    /// Appends results and events by letter: `r` and `e`; `g` is a gap of three numbers.
    func append(_ letters: String) {
        for letter in letters {
            switch letter {
            case "r":
                let job = UInt32(truncatingIfNeeded: span.last + 1)
                append(.result(InspectionResult(job: job, camera: 1, verdict: .ok, reason: .none)))
            case "e": append(.event(Event(.cameraBack, severity: .info)))
            default:
                state.withLock {
                    let from = $0.last + 1
                    let gap = Gap(from: from, why: .uncleanStop)
                    $0.records.append(Record(seq: from + 2, run: run, body: .gap(gap)))
                }
            }
        }
    }

    /// Retention takes everything before `first`.
    func retain(from first: UInt64) {
        state.withLock {
            $0.first = first
            $0.records.removeAll { $0.seq < first }
        }
    }

    /// Every further call throws `fault`.
    func fail(_ fault: SourceError?) { state.withLock { $0.fault = fault } }

    func acked(_ name: String) -> UInt64? {
        state.withLock { $0.consumers.first { $0.name == name }?.acked }
    }

    func records(after: UInt64, limit: Int) throws(SourceError) -> [Record] {
        try working { state throws(SourceError) in
            state.reads += 1
            return Array(state.records.drop { $0.seq <= after }.prefix(limit))
        }
    }

    /// How many of the newest records `recent` knows; 4 at first, so that readers meet both ways.
    func remember(_ count: Int) { state.withLock { $0.recentLimit = count } }

    func recent(after: UInt64, limit: Int) -> [Record]? {
        state.withLock { state in
            let newest = state.records.suffix(state.recentLimit)
            guard state.fault == nil, let oldest = newest.first, after <= state.last,
                after + 1 >= oldest.firstNumber
            else { return nil }
            return Array(newest.drop { $0.seq <= after }.prefix(limit))
        }
    }

    func record(_ seq: UInt64) throws(SourceError) -> Record? {
        try working { state throws(SourceError) in state.records.first { $0.seq == seq } }
    }

    func register(consumer name: String, uid: UInt32) throws(SourceError) -> UInt64 {
        try working { state throws(SourceError) in
            if let known = state.consumers.first(where: { $0.name == name }) {
                guard known.uid == uid else { throw .ownedByAnother(uid: known.uid) }
                return known.acked
            }
            guard state.consumers.count < 32 else { throw .tooManyConsumers(limit: 32) }
            let acked = state.last
            state.consumers.append(Consumer(name: name, uid: uid, acked: acked, seenMilliseconds: 1))
            return acked
        }
    }

    func acknowledge(
        consumer name: String, upTo seq: UInt64,
        _ completion: @escaping @Sendable (Result<UInt64, SourceError>) -> Void
    ) {
        let outcome = Result { () throws(SourceError) -> UInt64 in
            try working { state throws(SourceError) in
                guard let index = state.consumers.firstIndex(where: { $0.name == name }) else {
                    throw .unknownConsumer(name)
                }
                state.consumers[index].acked = max(state.consumers[index].acked, seq)
                return state.consumers[index].acked
            }
        }
        // Durable a moment later, as a commit is.
        DispatchQueue.global().async { completion(outcome) }
    }

    func consumers() throws(SourceError) -> [Consumer] {
        try working { state throws(SourceError) in state.consumers }
    }

    func drop(consumer name: String) throws(SourceError) {
        try working { state throws(SourceError) in
            guard let index = state.consumers.firstIndex(where: { $0.name == name }) else {
                throw .unknownConsumer(name)
            }
            state.consumers.remove(at: index)
        }
    }

    private func working<Value: Sendable>(
        _ body: (inout State) throws(SourceError) -> Value
    ) throws(SourceError) -> Value {
        let outcome = state.withLock { state in
            Result { () throws(SourceError) -> Value in
                if let fault = state.fault { throw fault }
                return try body(&state)
            }
        }
        return try outcome.get()
    }
}

extension Record {
    /// The first number that the record covers.
    fileprivate var firstNumber: UInt64 { if case .gap(let gap) = body { gap.from } else { seq } }
}
