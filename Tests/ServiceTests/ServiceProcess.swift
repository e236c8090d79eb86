import Foundation
import Sockets
import Testing

/// The real daemon in a process of its own with a throw-away folder, so that it can be killed.
final class ServiceProcess {
    /// Settings, sockets and log lines.
    let folder: URL
    /// The daemon's state folder.
    let state: URL
    private(set) var process = Process()

    var plc: String { folder.appending(path: "plc.sock").path }
    var admin: String { folder.appending(path: "admin.sock").path }
    var settings: URL { folder.appending(path: "line.toml") }

    /// - Parameters:
    ///   - taught: a state folder that it begins with a copy of.
    ///   - runtime: a folder that another daemon uses already.
    init(_ plan: LinePlan, from taught: URL? = nil, in runtime: URL? = nil) throws {
        folder = try Scratch.folder()
        state = folder.appending(path: "state")
        if let taught {
            try FileManager.default.copyItem(at: taught, to: state)
        } else {
            try FileManager.default.createDirectory(at: state, withIntermediateDirectories: true)
        }
        sockets = runtime ?? folder
        try write(plan)
    }

    private let sockets: URL

    deinit {
        kill()
        try? FileManager.default.removeItem(at: folder)
    }

    func write(_ plan: LinePlan) throws {
        try Data(plan.text.utf8).write(to: settings, options: .atomic)
    }

    /// Starts it and waits until its sockets are served.
    func start(instructions: String? = nil, environment: [String: String] = [:]) throws {
        try launch(instructions: instructions, environment: environment)
        try eventually("the sockets of the daemon are served") {
            try #require(process.isRunning, "the daemon ended: \(said)")
            return (try? LineClient(path: admin, patience: 5_000)) != nil
        }
    }

    /// Starts it, and no more.
    func launch(instructions: String? = nil, environment: [String: String] = [:]) throws {
        process = Process()
        let executable: URL = try #require(
            BuiltExecutable.url("linewatchd"), "linewatchd was not built beside the tests")
        process.executableURL = executable
        process.arguments = ["--config", settings.path, "--foreground"]
        var all = self.environment.merging(environment) { $1 }
        all["LINEWATCH_ISA"] = instructions
        process.environment = all
        let log = folder.appending(path: "said.txt")
        if !FileManager.default.fileExists(atPath: log.path) { try Data().write(to: log) }
        let handle = try FileHandle(forWritingTo: log)
        try handle.seekToEnd()
        process.standardError = handle
        process.standardOutput = FileHandle.nullDevice
        try process.run()
    }

    /// For the daemon, and for commands that ask it.
    var environment: [String: String] {
        var environment = ProcessInfo.processInfo.environment
        for name in ["NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID", "WATCHDOG_USEC", "LINEWATCH_ISA"] {
            environment[name] = nil
        }
        environment["LINEWATCH_RUNTIME_DIR"] = sockets.path
        environment["LINEWATCH_STATE_DIR"] = state.path
        environment["LINEWATCH_MODELS"] = Scratch.repository.appending(path: "Models").path
        environment["NO_COLOR"] = "1"
        return environment
    }

    /// Everything that it has written to standard error, over all its starts.
    var said: String {
        (try? String(contentsOf: folder.appending(path: "said.txt"), encoding: .utf8)) ?? ""
    }

    var lines: [Substring] { said.split(separator: "\n") }

    /// As the kernel or a power cut would end it.
    func kill() {
        guard process.isRunning else { return }
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// As systemd would; returns its exit status.
    @discardableResult
    func stop() -> Int32 {
        process.terminate()
        return ended()
    }

    /// Waits for its end; returns its exit status.
    func ended() -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// As 'systemctl reload' would.
    func hangUp() { Foundation.kill(process.processIdentifier, SIGHUP) }
}

/// Folders that are gone when the tests end.
enum Scratch {
    private static let root = URL(filePath: "/tmp/lw-\(getpid())")

    static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static let isPrepared: Bool = {
        atexit { try? FileManager.default.removeItem(at: Scratch.root) }
        return true
    }()

    /// A new folder with a short path: that of a Unix socket has 107 bytes.
    static func folder() throws -> URL {
        _ = isPrepared
        let folder = root.appending(path: "\(UInt32.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }
}

/// The programs that are built beside the tests.
enum BuiltExecutable {
    static func url(_ name: String) -> URL? {
        let folder = Bundle.main.executableURL?.deletingLastPathComponent()
        let beside = [folder, Bundle.main.bundleURL, Bundle.main.bundleURL.deletingLastPathComponent()]
        return beside.compactMap { $0?.appending(path: name) }.first {
            FileManager.default.isExecutableFile(atPath: $0.path)
        }
    }
}

/// Waits until `condition` holds: long, since the machine may have other things to do.
func eventually(
    _ what: @autoclosure () -> String, seconds: Double = 60,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () throws -> Bool
) throws {
    let end = Date(timeIntervalSinceNow: seconds)
    while try !condition() {
        try #require(
            Date() < end, "in \(seconds) s it did not come to this: \(what())", sourceLocation: sourceLocation
        )
        Thread.sleep(forTimeInterval: 0.02)
    }
}
