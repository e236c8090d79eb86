import Glibc

/// The clock that never jumps: CLOCK_MONOTONIC, with which video drivers stamp their frames as well.
public enum MonotonicClock {
    /// Nanoseconds since a fixed moment before the process started. Allocation-free, and no system call where
    /// the kernel maps the clock into the process.
    public static var now: Int {
        var time = timespec()
        // Cannot fail: every Linux has this clock, and the pointer is valid for the call.
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    /// Sleeps for `nanoseconds`, or not at all if they are not positive. Blocks; allocation-free. May return
    /// early, when a signal comes.
    public static func sleep(nanoseconds: Int) {
        guard nanoseconds > 0 else { return }
        var time = timespec(
            tv_sec: nanoseconds / 1_000_000_000, tv_nsec: nanoseconds % 1_000_000_000)
        _ = unsafe nanosleep(&time, nil)
    }
}

/// The processor time that the calling thread has used: CLOCK_THREAD_CPUTIME_ID. Stands still while others
/// run.
public enum ThreadClock {
    /// Nanoseconds. Allocation-free; a system call.
    public static var now: Int {
        var time = timespec()
        // Cannot fail, as above.
        _ = unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}

/// The time of day, for people: CLOCK_REALTIME. It can jump; nothing is ordered or timed by it.
public enum WallClock {
    /// UTC milliseconds since 1970. Allocation-free.
    public static var now: Int64 {
        var time = timespec()
        // Cannot fail, as above.
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec / 1_000_000)
    }
}
