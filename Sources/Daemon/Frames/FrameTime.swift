/// How long a frame of a camera takes, from what the last ones took, and which frames are not worth it any more.
///
/// Where a frame takes about as long as its deadline allows, the oldest one in the queue would be judged too late,
/// and the time would be missing for the next. Skipped at once, it costs nothing.
struct FrameTime {
    /// Nanoseconds; 0 while nothing was measured.
    private(set) var estimate = 0

    /// Skips since a frame was judged.
    private var skipCount = 0
    private static let mostSkips = 16

    /// Notes what a frame took: a quarter of the difference counts, so that one odd frame is soon forgotten.
    mutating func note(_ nanoseconds: Int) {
        estimate = estimate == 0 ? nanoseconds : estimate + (nanoseconds - estimate) / 4
    }

    /// Whether a frame triggered at `triggered` cannot be judged by `deadline` if that begins `now`. All in
    /// nanoseconds of the monotonic clock.
    ///
    /// Where a frame would be late even if it never waited, none is skipped: nothing could be won, and the late
    /// scores say by how much the deadline is too short. After sixteen skips one frame is judged in any case: an
    /// estimate that has become too high shuts nobody out for long.
    mutating func skips(now: Int, triggered: Int, deadline: Int) -> Bool {
        guard estimate >= deadline &- now, estimate <= deadline &- triggered, skipCount < Self.mostSkips
        else {
            skipCount = 0
            return false
        }
        skipCount += 1
        return true
    }
}
