import Dispatch
import GRDB
import Glibc

/// A look at the log of a folder without changing it, for a person who asks whether it is sound.
public enum LogCheck {
    /// What was found.
    public enum Finding: Hashable, Sendable {
        /// There is no log in the folder yet.
        case none
        case sound
        /// The time was up before a mistake was found.
        case unfinished
        case damaged(String)
    }

    /// Runs SQLite's quick check on the log in `folder`, read-only, for at most `seconds`.
    ///
    /// Blocks. A daemon may write to it meanwhile. Throws `storage` if the log cannot be read at all, as it is where
    /// the user may not.
    public static func run(folder: String, seconds: Int) throws(EventLogError) -> Finding {
        let path = StorePaths(folder: folder).database
        let isThere = unsafe access(path, F_OK) == 0  // the path is a C string for the call
        guard isThere || errno != ENOENT else { return .none }
        do {
            return try translating(path) {
                var configuration = Configuration()
                configuration.readonly = true
                configuration.busyMode = .timeout(2)
                let queue = try DatabaseQueue(path: path, configuration: configuration)
                let stop = DispatchWorkItem { queue.interrupt() }
                DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(seconds), execute: stop)
                defer {
                    stop.cancel()
                    try? queue.close()
                }
                do {
                    let answer = try queue.read { db in try String.fetchOne(db, sql: "PRAGMA quick_check(1)")
                    }
                    return answer == "ok" ? .sound : .damaged(answer ?? "the check said nothing")
                } catch let error as DatabaseError where error.resultCode == .SQLITE_INTERRUPT {
                    return .unfinished
                }
            }
        } catch {
            guard case .damaged(_, let message) = error else { throw error }
            return .damaged(message)
        }
    }
}
