import Events
import Foundation
import Sockets
import Synchronization
import Testing

/// What the clients of the real daemon see of each other, and of its restarts.
@Suite("clients", .serialized)
struct ClientTests {
    @Test("C37: a trigger ends a waiting poll at once: its end comes first, then the answer to the trigger")
    func interrupted() throws {
        let service = try ServiceProcess(
            LinePlan(framesPerSecond: 50, trigger: "software"), from: Taught.state())
        try service.start()
        try service.reach(state: 3)
        let client = try service.client()
        var best = Double.infinity
        for part in 1...5 as ClosedRange<Int64> {
            let after = try service.last()
            let poll = try client.send(
                "poll", [JSONMember("after", .integer(after)), JSONMember("wait", .integer(5_000))])
            Thread.sleep(forTimeInterval: 0.1)
            let start = Date()
            let trigger = try client.send(
                "trigger", [JSONMember("cam", .integer(1)), JSONMember("pn", .integer(part))])
            let end = try client.nextLine()
            best = min(best, Date().timeIntervalSince(start))
            #expect(end.kind == "end" && end.id == poll && end.number("n") == 0, "\(end.text)")
            let answer = try client.nextLine()
            #expect(answer.kind == "ok" && answer.id == trigger, "\(answer.text)")
            let results = try service.results(1, after: after)
            #expect(results.first?.number("pn") == part)
        }
        #expect(best < 0.02, "the bar of the row, by the best of five on a machine with other work")
    }

    @Test("C44: a subscriber that never reads is told bye 3 and closed, and another one misses nothing")
    func deaf() throws {
        var plan = LinePlan(recording: try LossyRecording.make(lost: [0, 0, 0, 0]))
        (plan.rounds, plan.deadline) = (0, 60_000)
        plan.tables = "[plc]\nslow_client_ms = 1000"
        // Untaught frames cost nothing: this is about sockets, so as many results as the store takes.
        let service = try ServiceProcess(plan)
        try service.start()
        let deaf = try LineClient(path: service.plc, patience: 5_000)
        _ = try deaf.hello(name: "deaf", profile: .full, isAnonymous: true)
        try deaf.send("sub", [JSONMember("after", .integer(0))])
        let reader = try service.client()
        let start = try service.last()
        _ = try reader.ask("sub", [JSONMember("after", .integer(start))])
        var records: [ServerLine] = []
        let end = Date(timeIntervalSinceNow: 8)
        while Date() < end {
            let line = try reader.nextLine()
            if line.number("seq") != nil { records.append(line) }
        }
        #expect(records.count > 500 && holes(in: records, after: start).isEmpty, "\(records.count)")
        var lines: [String] = [], failure = ""
        do { while true { lines.append(try deaf.nextLine().text) } } catch { failure = "\(error)" }
        let farewell = lines.last.map { "\($0.suffix(300))" } ?? ""
        #expect(farewell == "{\"t\":\"bye\",\"why\":3,\"code\":\"slow\",\"retry\":1000}", "\(failure)")
        #expect(failure.contains("closed the connection"), "\(failure.suffix(300))")
        #expect(try service.client().ask("stats").number("iv") == 0)
    }

    @Test(
        "C57: five clients that connect while the daemon is down are all served by the next one",
        .enabled(if: Activator.isPossible, "needs python3"))
    func restart() throws {
        let service = try ServiceProcess(LinePlan(isArmed: false), from: Taught.state())
        let activator = try Activator(service)
        try activator.tell("start", expecting: "started")
        try service.reach(state: 3)
        let run = try service.client().greeting.number("run") ?? 0
        for ending in ["kill", "stop"] {
            try activator.tell(ending, expecting: ending == "stop" ? "ended 0" : "ended -9")
            let answers = Mutex<[String]>([])
            let plc = service.plc
            // They are in the backlog before there is anybody to serve them.
            let clients = (1...5).map { number in
                let thread = Thread {
                    let answer: String
                    do {
                        let client = try LineClient(path: plc, patience: 60_000)
                        _ = try client.hello(name: "client\(number)", profile: .plc, isAnonymous: false)
                        answer = try client.ask("ping").kind + " \(client.greeting.number("run") ?? 0)"
                    } catch { answer = "\(error)" }
                    answers.withLock { $0.append(answer) }
                }
                thread.start()
                return thread
            }
            Thread.sleep(forTimeInterval: 0.3)
            #expect(answers.withLock { $0 }.isEmpty)
            try activator.tell("start", expecting: "started")
            try eventually("five clients are answered") { clients.allSatisfy(\.isFinished) }
            let expected = "ok \(run + (ending == "kill" ? 1 : 2))"
            #expect(answers.withLock { $0 } == Array(repeating: expected, count: 5))
        }
        try activator.tell("stop", expecting: "ended 0")
    }
}

/// Listening sockets that outlive the daemon, as those of systemd do.
final class Activator {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    static let isPossible = {
        let python = Process()
        python.executableURL = URL(filePath: "/usr/bin/env")
        python.arguments = ["python3", "--version"]
        python.standardOutput = FileHandle.nullDevice
        guard (try? python.run()) != nil else { return false }
        python.waitUntilExit()
        return python.terminationStatus == 0
    }()

    /// Listens at the sockets of `service`, which it starts itself.
    init(_ service: ServiceProcess) throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "Faults/activate.py")
        let daemon = try #require(
            BuiltExecutable.url("linewatchd"), "linewatchd was not built beside the tests")
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "python3", script.path, service.plc, service.admin, daemon.path, "--config",
            service.settings.path,
            "--foreground",
        ]
        process.environment = service.environment
        (process.standardInput, process.standardOutput) = (input, output)
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// Says `word`, and waits for the line that answers it.
    func tell(_ word: String, expecting answer: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data((word + "\n").utf8))
        var line = ""
        while !line.hasSuffix("\n") {
            let byte = try #require(try output.fileHandleForReading.read(upToCount: 1), "it has ended")
            line += String(decoding: byte, as: UTF8.self)
        }
        try #require(line == answer + "\n")
    }
}
