internal import FoundationEssentials
internal import Glibc
internal import Platform
internal import Sockets

/// A daemon that a command starts for itself, with settings and a state folder of its own.
struct OwnDaemon {
    /// The daemon's file, and that of its settings.
    let program, settings: String
    /// Where its sockets are, and what it says.
    let folder: String
    let state: String

    var admin: String { folder + "/admin.sock" }
    var plc: String { folder + "/plc.sock" }
    var log: String { folder + "/said" }

    /// For the daemon, and for commands that ask it.
    var environment: [String: String] {
        var environment = ProcessInfo.processInfo.environment
        for name in ["NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID", "WATCHDOG_USEC", "LINEWATCH_ISA"] {
            environment[name] = nil
        }
        (environment["LINEWATCH_RUNTIME_DIR"], environment["LINEWATCH_STATE_DIR"]) = (folder, state)
        return environment
    }

    /// Starts it, and waits until it serves its sockets. Throws what it said if it ends before.
    func start() throws -> ChildProcess {
        let child = try ChildProcess(
            program, ["--config", settings, "--foreground"], environment: environment, log: log)
        for _ in 0..<60_000 {
            guard child.isRunning else { throw failure("The daemon ended with \(child.ended())") }
            if (try? LineClient(path: admin, patience: 1_000)) != nil { return child }
            MonotonicClock.sleep(nanoseconds: 1_000_000)
        }
        throw failure("The daemon did not serve '\(admin)' within a minute")
    }

    /// Stops `daemon` in order.
    func stop(_ daemon: ChildProcess) throws {
        daemon.terminate()
        let status = daemon.ended()
        guard status == 0 else { throw failure("The daemon ended with \(status)") }
    }

    /// `what`, with the last lines that the daemon said.
    func failure(_ what: String) -> CommandFailure {
        let said = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        let last = said.split(separator: "\n").suffix(3).joined(separator: " | ")
        return CommandFailure(what + (last.isEmpty ? "." : ": \(last)"))
    }

    /// The name of whoever runs this, who may then do everything on the daemon's admin socket.
    static var user: String {
        // The C library's own until the next call, and copied at once.
        unsafe getpwuid(geteuid()).map { unsafe String(cString: $0.pointee.pw_name) } ?? "root"
    }
}
