/// The rate that one connection may ask at: `rate` requests per second, `burst` at once.
struct TokenBucket {
    private let nanosecondsPerToken: Int
    private let capacity: Int
    /// How much has been earned and not yet spent, in nanoseconds.
    private var earned: Int
    private var last: Int

    /// Full at the moment `now`, in nanoseconds of any steady clock.
    init(rate: Int, burst: Int, now: Int) {
        nanosecondsPerToken = 1_000_000_000 / max(rate, 1)
        capacity = nanosecondsPerToken * burst
        (earned, last) = (capacity, now)
    }

    /// Takes one token, or says how many milliseconds it takes until there is one: at least 1.
    mutating func take(now: Int) -> UInt16? {
        earned = min(capacity, earned + max(0, now - last))
        last = now
        guard earned < nanosecondsPerToken else {
            earned -= nanosecondsPerToken
            return nil
        }
        return UInt16(clamping: (nanosecondsPerToken - earned) / 1_000_000 + 1)
    }
}
