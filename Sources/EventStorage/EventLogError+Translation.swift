import GRDB
import Glibc
import Platform

extension EventLogError {
    /// What the database or the kernel said, as an error of ours.
    init(_ error: any Error, path: String) {
        switch error {
        case let error as EventLogError: self = error
        case let error as DatabaseError: self.init(error, path: path)
        case let error as PlatformError: self.init(error, path: path)
        default: self = .storage(path: path, message: "\(error)")
        }
    }

    private init(_ error: PlatformError, path: String) {
        if case .refused(_, _, let code) = error, [ENOSPC, EDQUOT].contains(code) {
            self = .diskFull(path: path)
        } else {
            self = .storage(path: path, message: "\(error)")
        }
    }

    private init(_ error: DatabaseError, path: String) {
        let message = error.message ?? error.resultCode.description
        switch error.resultCode {
        case .SQLITE_FULL: self = .diskFull(path: path)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .damaged(path: path, message: message)
        default: self = .storage(path: path, message: message)
        }
    }
}

/// Runs `body` and gives its errors as ours, about `path`.
func translating<Result>(_ path: String, _ body: () throws -> Result) throws(EventLogError) -> Result {
    do { return try body() } catch { throw EventLogError(error, path: path) }
}
