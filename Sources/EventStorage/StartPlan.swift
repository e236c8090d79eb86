package import Events

/// How numbering goes on at the start of a run: nothing but arithmetic.
package struct StartPlan: Hashable, Sendable {
    /// What the database says of the run before this one.
    package struct Past: Hashable, Sendable {
        package var mark: SequenceMark
        /// The newest record; 0: none.
        package var last: UInt64
        /// The first job number that was not given away; 0 after an unclean stop, when nobody knows.
        package var nextJob: UInt32
        package var isClean: Bool

        package init(mark: SequenceMark, last: UInt64, nextJob: UInt32, isClean: Bool) {
            (self.mark, self.last, self.nextJob, self.isClean) = (mark, last, nextJob, isClean)
        }
    }

    /// Numbers that no record will ever have: the first record of the run covers them.
    package var gap: ClosedRange<UInt64>?
    package var why: Gap.Why
    /// The first number that a record of this run gets, after the gap.
    package var next: UInt64
    package var nextJob: UInt32
    package var run: UInt32

    /// Goes on where the last run ended; after an unclean stop above everything that it may have used.
    package init(after past: Past) {
        run = past.mark.run + 1
        why = .uncleanStop
        if past.isClean {
            gap = nil
            next = past.last + 1
            nextJob = max(past.nextJob, 1)
        } else {
            gap = past.mark.seq > past.last ? past.last + 1...past.mark.seq : nil
            next = max(past.mark.seq, past.last) + 1
            nextJob = past.mark.job + 1
        }
    }

    /// Begins a new log above every number that an earlier one may have used, as far as `marks` tell.
    package init(above marks: [SequenceMark]) {
        run = (marks.map(\.run).max() ?? 0) + 1
        why = .logRecreated
        let highest = marks.map(\.seq).max() ?? 0
        gap = highest > 0 ? 1...highest : nil
        next = highest + 1
        nextJob = (marks.map(\.job).max() ?? 0) + 1
    }
}
