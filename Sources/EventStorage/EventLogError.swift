/// Why the event log refused something.
public enum EventLogError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A cursor beyond the newest record.
    case cursorAhead(last: UInt64)
    /// A strict reader asked for numbers that retention has deleted.
    case outOfRange(first: UInt64)
    /// The record does not exist, or no more.
    case notFound(seq: UInt64)
    /// The job has no result, or no more.
    case unknownJob(UInt32)
    /// A calibration that breaks a rule of its type.
    case invalidCalibration(reason: String)

    /// The consumer's name belongs to another user.
    case foreignConsumer(name: String)
    case tooManyConsumers(limit: Int)
    case unknownConsumer(name: String)

    /// Nothing durable can be written until there is room again.
    case diskFull(path: String)
    /// The medium or the kernel refused. The next commit tries again.
    case storage(path: String, message: String)
    /// What was read cannot have been written by us.
    case damaged(path: String, message: String)

    /// The database was made by a newer version; nothing was changed. `copy` is the one that this version can
    /// read, if the upgrade left it.
    case schemaNewer(path: String, found: Int, known: Int, copy: String?)
    /// Another process writes to this folder.
    case inUse(folder: String)
    /// The log was stopped.
    case stopped

    public var description: String {
        switch self {
        case .cursorAhead(let last):
            "no record has been written after \(last): ask for one at or before it"
        case .outOfRange(let first):
            "the records before \(first) are gone: start again from \(first)"
        case .notFound(let seq):
            "there is no record \(seq): it was aged out, or not yet written"
        case .unknownJob(let job):
            "there is no result of job \(job): it was aged out, or not yet written"
        case .invalidCalibration(let reason):
            "the calibration was not stored: \(reason)"
        case .foreignConsumer(let name):
            "the consumer '\(name)' belongs to another user: choose another name"
        case .tooManyConsumers(let limit):
            "\(limit) consumers are registered: drop one with 'linewatch consumer drop NAME --yes'"
        case .unknownConsumer(let name):
            "there is no consumer '\(name)': list them with 'linewatch consumer list'"
        case .diskFull(let path):
            "'\(path)': the disk is full. Make room; the log goes on by itself."
        case .storage(let path, let message):
            "'\(path)': \(message). Run 'linewatch doctor' and look at the medium."
        case .damaged(let path, let message):
            "'\(path)' is damaged: \(message). Restart: it is set aside and a new log begins."
        case .schemaNewer(let path, let found, let known, let copy):
            "'\(path)' has schema \(found), this version knows \(known). Nothing was changed. "
                + (copy.map { "Install the newer version, or put back '\($0)'." }
                    ?? "Install the newer version.")
        case .inUse(let folder):
            "'\(folder)' is in use by another process: stop the other daemon first"
        case .stopped:
            "the event log is stopped: restart the daemon"
        }
    }
}
