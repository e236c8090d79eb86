import Glibc

/// How much of the processors a thread asks for beside those of ordinary priority. A share can be given up, and not
/// taken back: work that has to go on afterwards stays on a thread of its own.
public enum ProcessorShare: Sendable {
    /// A third of what an ordinary thread gets where the two compete: it makes way, and goes on, on a busy machine.
    case low
    /// What the others leave: any thread that wakes takes the core at once, which niceness alone does not give before
    /// Linux 6.12. Where no core is ever idle that is a three-hundredth.
    case rest

    private static let niceness: Int32 = 5
    /// SCHED_IDLE of sched(7), which Glibc declares for GNU sources only.
    private static let idle: Int32 = 5

    /// Lowers the calling thread, and those that it starts from now on. A refusal leaves it as it is.
    public func take() {
        switch self {
        // Linux knows niceness by thread: 0 is the caller.
        case .low: _ = setpriority(Int32(PRIO_PROCESS.rawValue), 0, Self.niceness)
        case .rest:
            var none = sched_param()
            _ = unsafe sched_setscheduler(0, Self.idle, &none)
        }
    }
}
