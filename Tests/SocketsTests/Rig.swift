import Dispatch
import Events
import Foundation
import Sockets
import Testing

/// A server on real sockets in a folder of its own, with a log in memory and a scripted station.
final class Rig: Sendable {
    let log = MemoryLog()
    let station = ScriptedStation()
    let server: LineServer
    let folder: String
    /// What clients wait for a line at most, in milliseconds: far more than any rule needs. An operation of the station
    /// runs on the shared threads, of which there are as many as cores: other tests that compute there, such as those of
    /// damaged requests, hold them for as long as they take, tens of seconds on a busy machine.
    static let patience = 120_000

    private init(_ settings: ServerSettings) throws {
        folder = FileManager.default.temporaryDirectory.path + "/lw-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        server = try LineServer(settings, source: log, station: station)
        try server.listen(on: SocketKind.allCases.map { try ListeningSocket($0, path: path($0)) })
    }

    /// Runs `body` with a server of `settings`, and stops it.
    static func run(
        _ settings: ServerSettings = .with { _ in }, _ body: @Sendable (Rig) throws -> Void
    ) async throws {
        let rig = try Rig(settings)
        // The body blocks, so it gets a thread of its own: the station's operations need the shared ones.
        let outcome = await withTaskExecutorPreference(BlockingExecutor()) { Result { try body(rig) } }
        await rig.server.stop()
        try? FileManager.default.removeItem(atPath: rig.folder)
        try outcome.get()
    }

    func path(_ kind: SocketKind) -> String { folder + "/" + kind.rawValue + ".sock" }

    /// A connection that has its greeting and said nothing.
    func connect(_ kind: SocketKind = .plc) throws -> LineClient {
        try LineClient(path: path(kind), patience: Self.patience)
    }

    /// A connection behind its hello.
    func client(
        _ name: String = "plc1", _ kind: SocketKind = .plc, profile: Profile = .plc, isAnonymous: Bool = false
    ) throws -> LineClient {
        let client = try connect(kind)
        let answer = try client.hello(name: name, profile: profile, isAnonymous: isAnonymous)
        try #require(answer.kind == "ok", "\(answer.text)")
        return client
    }

    /// Appends records by letter and says that they are committed.
    func commit(_ letters: String) {
        log.append(letters)
        server.committed(upTo: log.span.last)
    }

    /// Waits until `condition` holds; false if it never does.
    static func eventually(_ condition: () -> Bool) -> Bool {
        for _ in 0..<4_000 {
            if condition() { return true }
            usleep(5_000)
        }
        return false
    }
}

extension ServerSettings {
    /// The protocol's own settings without its rate limit, changed by `change`.
    static func with(_ change: (inout ServerSettings) -> Void) -> ServerSettings {
        var settings = ServerSettings()
        (settings.product, settings.station) = ("linewatchd/0.4.0", "ST10")
        (settings.requestRate, settings.requestBurst) = (1_000_000, 1_000_000)
        // A test may itself run in a user namespace.
        settings.access.areRolesTrusted = true
        change(&settings)
        return settings
    }
}

extension LineClient {
    func send(_ text: String) throws { try send(bytes: Array(text.utf8)) }

    /// Sends one line and returns the next line that is no heartbeat.
    func answer(_ line: String) throws -> ServerLine {
        try send(line + "\n")
        return try next()
    }

    /// The next line that is no heartbeat.
    func next() throws -> ServerLine {
        while true {
            let line = try nextLine()
            if line.kind != "hb" { return line }
        }
    }

    /// The lines up to and with the first of `kind`, without heartbeats.
    func lines(until kind: String) throws -> [ServerLine] {
        var lines: [ServerLine] = []
        while lines.last?.kind != kind { lines.append(try next()) }
        return lines
    }

    /// The lines up to the end of the connection.
    func rest() -> [ServerLine] {
        var lines: [ServerLine] = []
        while let line = try? nextLine() { lines.append(line) }
        return lines
    }

    /// Whether the connection is at its end.
    var isClosed: Bool {
        do {
            _ = try nextLine()
            return false
        } catch {
            if case .closed = error { return true }
            return false
        }
    }
}

extension ServerLine {
    /// `seq` of a record line.
    var seq: Int64 { number("seq") ?? 0 }

    /// The number of an error line; 0 for any other.
    var error: Int64 { kind == "err" ? number("num") ?? -1 : 0 }
}

/// Runs a task that blocks on a thread that nobody else needs.
private final class BlockingExecutor: TaskExecutor {
    private let queue = DispatchQueue(label: "blocking test")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
