package import Logging
import Synchronization
package import Systemd

/// Where the daemon's own sentences go: the journal with its fields, or standard error.
package final class DaemonLog: Sendable {
    package typealias Level = Logger.Level
    private let level: Mutex<Level>
    private let send: @Sendable (JournalEntry) -> Void

    /// - Parameter send: the way out.
    package init(level: String, send: @escaping @Sendable (JournalEntry) -> Void) {
        self.level = Mutex(Level(rawValue: level) ?? .info)
        self.send = send
    }

    /// Says why the daemon cannot run.
    package func sayLast(_ message: String) { say(.critical, "super", message) }

    /// Passes on a line that is complete already.
    package func pass(_ entry: JournalEntry) { send(entry) }

    /// Says less or more from now on.
    package func set(level: String) {
        guard let level = Level(rawValue: level) else { return }
        self.level.withLock { $0 = level }
    }

    /// Says `message` of the subsystem capture, infer, store, plc, admin, model, config or super.
    package func say(_ level: Level, _ subsystem: String, _ message: String) {
        guard level >= self.level.withLock({ $0 }) else { return }
        var logger = Logger(label: subsystem) { [send] in JournalLogHandler(label: $0, send: send) }
        logger.logLevel = .trace
        logger.log(level: level, "\(message)")
    }
}
