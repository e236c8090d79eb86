/// Keeps repeated lines out of the journal: the first of a kind passes, then one a minute with the count of
/// those held back (OPERATIONS O14).
///
/// Holds one entry per kind, and kinds are a fixed set (event codes), so it does not grow.
public struct RepeatLimit<Kind: Hashable & Sendable>: Sendable {
    private var seen: [Kind: (since: Int, heldBack: Int)] = [:]
    private let period: Int

    /// Passes one line of each kind per `period`.
    public init(period: Duration = .seconds(60)) {
        let parts = period.components
        self.period = Int(parts.seconds) * 1_000_000_000 + Int(parts.attoseconds / 1_000_000_000)
    }

    /// The number of lines of this kind held back since the last that passed, if one may pass now; nil if
    /// this one is held back too. `now` is in nanoseconds of the monotonic clock.
    public mutating func pass(_ kind: Kind, now: Int) -> Int? {
        guard let entry = seen[kind], now - entry.since < period else {
            let heldBack = seen[kind]?.heldBack ?? 0
            seen[kind] = (now, 0)
            return heldBack
        }
        seen[kind] = (entry.since, entry.heldBack + 1)
        return nil
    }
}
