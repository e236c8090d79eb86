/// When to look for small blocks again, so that one wake-up takes many of them.
///
/// A line-scan camera with one line in a buffer would wake its thread 20,000 times a second. Once all buffers are
/// taken, the thread may as well sleep while the driver fills some: an eighth of them (two at least), as fast as
/// they came lately, and 1 ms at most. The other seven eighths are for the moments when the machine runs somebody
/// else: lines are lost when such a moment and the pause together outlast all buffers, and a longer pause saves
/// little. Where blocks come seldom, or the line begins to move, nothing is put off; after a loss neither, until
/// the rate has been measured anew.
struct BlockPacing {
    /// The longest pause, and the time over which the rate is measured, in nanoseconds.
    static let longest = 1_000_000
    static let window = 2_000_000

    /// How long the thread may sleep when all blocks are taken, nanoseconds; 0: it waits for the next block.
    private(set) var pause = 0
    private let bufferCount: Int
    /// The measurement under way: since when, and how many blocks since.
    private var start: Int?
    private var count = 0

    /// For a driver with `bufferCount` buffers to fill; 0 never pauses.
    init(bufferCount: Int) { self.bufferCount = bufferCount }

    /// A block came, after `lostCount` lost ones. Allocation-free.
    mutating func took(at now: Int, lostCount: UInt32) {
        guard bufferCount > 0 else { return }
        guard let start, lostCount == 0 else { return begin(at: now) }
        count += 1
        // Pauses make the blocks come in bursts: a window begins and ends with the first of one.
        guard now - start >= Self.window else { return }
        let period = (now - start) / count
        begin(at: now)
        let eighth = min(Self.longest, max(2, bufferCount / 8) * period)
        pause = eighth >= 2 * period ? eighth : 0
    }

    private mutating func begin(at now: Int) { (start, count, pause) = (now, 0, 0) }
}
