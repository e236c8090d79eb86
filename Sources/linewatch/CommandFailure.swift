internal import ArgumentParser
internal import Events
internal import Glibc
internal import Platform
internal import Sockets

/// Why a command could not do its work: one line for people, "what, why, remedy", and the exit code that scripts
/// see.
package struct CommandFailure: Error, CustomStringConvertible {
    /// How a process ends (OPERATIONS O5).
    package enum Exit: Int32, Sendable {
        case failed = 1
        case usage = 2
        case unreachable = 3
        case notReady = 4
        case verdictNotOK = 5
        case forbidden = 6
        case errorsFound = 7
        case warningsFound = 8
    }

    package let exit: Exit
    package let description: String

    package init(exit: Exit = .failed, _ description: String) {
        (self.exit, self.description) = (exit, description)
    }
}

extension CommandFailure {
    /// The daemon's own refusal: an `err` line.
    init(refusal line: ServerLine) {
        let code = line["code"]?.text ?? "unknown"
        let number = line.number("num") ?? 0
        // Profile plc sends no sentence; the table has one.
        let known = Int16(exactly: number).flatMap(ErrorNumber.init(rawValue:))
        var message = line["msg"]?.text ?? known.map { "\($0.remedy)" } ?? ""
        // The table's sentences name keys of the line; people want what stands there.
        message.replace("`retry` ms", with: "`retry`")
        message.replace("`retry`", with: "\(line.number("retry") ?? 0) ms")
        for key in ["a", "b"] { message.replace("`\(key)`", with: "\(line.number(key) ?? 0)") }
        if known == .insufficientSamples {
            message =
                "\(line.number("a") ?? 0) good parts are needed, \(line.number("b") ?? 0) are known. "
                + message
        }
        self.init(exit: Self.exit(of: known), "The daemon refused: \(code) (error \(number)). \(message)")
    }

    /// What went wrong on the way to the daemon or back.
    init(_ error: SocketError) {
        switch error {
        case .refused(.refused(_, let path, let code)) where [EACCES, EPERM].contains(code):
            self.init(
                exit: .forbidden,
                "You may not use '\(path)'. Join the group of the socket (see 'ls -l'), or use sudo.")
        case .refused(.refused("connect", let path, let code))
        where [ENOENT, ENOTDIR, ECONNREFUSED].contains(code):
            self.init(
                exit: .unreachable,
                "No daemon serves '\(path)'. Start it with 'sudo systemctl start linewatchd', or name its socket "
                    + "with --socket.")
        case .notLinewatch(_, let line) where line.hasPrefix("{\"t\":\"err\""):
            self.init(refusal: ServerLine(line))
        default:
            self.init(exit: .unreachable, "\(error)")
        }
    }

    private static func exit(of number: ErrorNumber?) -> Exit {
        switch number {
        case .forbidden: .forbidden
        case .notReady, .busy, .badState, .shuttingDown, .diskFull: .notReady
        default: .failed
        }
    }
}

extension Linewatch {
    /// Prints what went wrong and ends the process with the code for it.
    static func end(_ failure: CommandFailure) -> Never {
        var standardError = StandardError()
        print("Error: \(failure)", to: &standardError)
        exit(withError: ExitCode(failure.exit.rawValue))
    }
}
