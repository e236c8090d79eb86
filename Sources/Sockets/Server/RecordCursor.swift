import Events

/// Where one reader stands in the log, and what its filter left out since its last line.
///
/// - Invariant: every number up to `position` was said as a record, a gap or a skip, or is from `skipFrom` on.
struct RecordCursor {
    private(set) var position: UInt64
    private let kinds: Request.Kinds
    /// The first number that the filter left out and no line has said yet.
    private var skipFrom: UInt64?

    init(after position: UInt64, kinds: Request.Kinds) {
        (self.position, self.kinds) = (position, kinds)
    }

    /// What one step did.
    enum Step {
        /// The record has its line.
        case wrote
        /// The filter left it out.
        case filtered
        /// Numbers before it are missing: a gap was written, the record itself is still to come.
        case wroteGapBefore
    }

    /// Says `record`, the next that the log has behind `position`.
    mutating func step(
        _ record: Record, into line: inout LineWriter, profile: Profile, _ delivery: Delivery
    ) -> Step {
        if record.firstNumber > position + 1 {
            writeGap(to: record.firstNumber - 1, timeMilliseconds: record.timeMilliseconds, into: &line)
            return .wroteGapBefore
        }
        guard wants(record) else {
            skipFrom = skipFrom ?? record.seq
            position = record.seq
            return .filtered
        }
        writeSkip(into: &line)
        record.append(to: &line, profile: profile, delivery)
        position = max(position, record.seq)
        return .wrote
    }

    /// Says that numbers behind `position` up to `to` are gone: retention took them.
    mutating func writeGap(to: UInt64, timeMilliseconds: Int64, into line: inout LineWriter) {
        writeSkip(into: &line)
        let gap = Gap(from: position + 1, why: .retention, timeMilliseconds: timeMilliseconds)
        Record(seq: to, run: 0, body: .gap(gap)).append(to: &line, profile: .plc, Delivery())
        position = to
    }

    /// Says what the filter left out, where it left out something.
    mutating func writeSkip(into line: inout LineWriter) {
        guard let from = skipFrom else { return }
        line.putSkip(from: from, to: position)
        skipFrom = nil
    }

    /// Moves on over records that were already said before their commit.
    mutating func pass(_ record: Record) {
        position = max(position, record.seq)
    }

    private func wants(_ record: Record) -> Bool {
        switch record.body {
        case .result: kinds.contains(.results)
        case .event: kinds.contains(.events)
        case .gap: true
        }
    }
}

extension Record {
    /// The first number that the record speaks of.
    var firstNumber: UInt64 {
        if case .gap(let gap) = body { gap.from } else { seq }
    }

    /// UTC milliseconds.
    var timeMilliseconds: Int64 {
        switch body {
        case .result(let result): result.timeMilliseconds
        case .event(let event): event.timeMilliseconds
        case .gap(let gap): gap.timeMilliseconds
        }
    }
}
