internal import CSystemd

/// What the service tells systemd, over the socket named in NOTIFY_SOCKET (sd_notify(3)).
///
/// Without that socket, as when started by hand, nothing is sent and nothing fails.
public enum Readiness {
    /// Something that systemd wants to know.
    public enum State: Hashable, Sendable {
        /// Start-up is over.
        case ready
        /// Reading new settings; `ready` ends it. `monotonicMicroseconds` is the present time.
        case reloading(monotonicMicroseconds: Int64)
        case stopping
        /// The hot threads made progress.
        case watchdog
        /// The time-out of the present start or stop begins again with this.
        case extendTimeout(microseconds: Int64)
        /// One line that a person can read in `systemctl status`.
        case status(String)

        /// The line of the notification protocol.
        package var line: String {
            switch self {
            case .ready: "READY=1"
            case .reloading(let now): "RELOADING=1\nMONOTONIC_USEC=\(now)"
            case .stopping: "STOPPING=1"
            case .watchdog: "WATCHDOG=1"
            case .extendTimeout(let microseconds): "EXTEND_TIMEOUT_USEC=\(microseconds)"
            case .status(let text): "STATUS=" + text.map { $0.isNewline ? " " : String($0) }.joined()
            }
        }
    }

    /// Sends all of `states` in one message; true if systemd took it.
    @discardableResult
    public static func notify(_ states: State...) -> Bool {
        unsafe sd_notify(0, states.map(\.line).joined(separator: "\n")) > 0
    }

    /// The period in which systemd wants to hear `watchdog`, or nil if this process has none.
    public static var watchdogPeriod: Duration? {
        var microseconds: UInt64 = 0
        // The pointer is valid for the call, which only writes there.
        guard unsafe sd_watchdog_enabled(0, &microseconds) > 0 else { return nil }
        return .microseconds(Int64(clamping: microseconds))
    }
}
