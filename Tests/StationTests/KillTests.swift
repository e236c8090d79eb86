import Events
import Foundation
import Sockets
import Synchronization
import Testing

/// What one consumer was given, over all its connections.
private final class Reader: Sendable {
    let name: String
    /// Number to line, without what may differ between deliveries.
    private let seen = Mutex<[Int64: String]>([:])
    private let cursors = Mutex<(acked: Int64, received: Int64)>((0, 0))
    let violations = Mutex<[String]>([])

    init(_ name: String) { self.name = name }

    /// Reads and acknowledges until the connection ends.
    func read(from path: String) {
        do {
            let client = try LineClient(path: path, patience: 5_000)
            let hello = try client.hello(name: name, profile: .plc, isAnonymous: false)
            let kept = cursors.withLock { $0.acked }
            if let acked = hello.number("acked"), acked < kept {
                report("the cursor moved back from \(kept) to \(acked)")
            }
            let start = cursors.withLock { $0.received }
            var expected = start == 0 ? nil : start + 1
            let after = JSONMember("after", .integer(start == 0 ? -1 : start))
            _ = try client.ask("sub", [after, JSONMember("credit", .integer(64))]) {
                self.take($0, &expected)
            }
            while true {
                let line = try client.nextLine()
                if line.kind == "ok", let acked = line.number("acked") {
                    cursors.withLock { $0.acked = max($0.acked, acked) }
                }
                guard let seq = take(line, &expected) else { continue }
                if seq % 8 == 0 { try client.send("ack", [JSONMember("seq", .integer(seq))]) }
            }
        } catch {
            // Killed in mid-sentence: the next connection goes on.
        }
    }

    @discardableResult
    private func take(_ line: ServerLine, _ expected: inout Int64?) -> Int64? {
        guard ["r", "e", "gap"].contains(line.kind), let seq = line.number("seq") else { return nil }
        let from = line.number("from") ?? seq
        if let expected, from > expected { report("\(expected) to \(from - 1) were left out") }
        expected = seq + 1
        let content = line.text.replacing(/"bk":[0-9]+/, with: "").replacing(/"fl":[0-9]+/, with: "")
        seen.withLock { seen in
            if let before = seen[seq], before != content { report("\(seq) has two contents") }
            seen[seq] = content
        }
        cursors.withLock { $0.received = max($0.received, seq) }
        return seq
    }

    func report(_ violation: String) { violations.withLock { $0.append("\(name): \(violation)") } }

    var contents: [Int64: String] { seen.withLock { $0 } }
    var received: Int64 { cursors.withLock { $0.received } }
}

@Test("after kill -9 at any moment no number has two contents, none is uncovered, no cursor moves back")
func killedUnderLoad() throws {
    let isLong = ProcessInfo.processInfo.environment["LINEWATCH_LONG"] == "1"
    let station = try StationProcess()
    let readers = [Reader("one"), Reader("two")]
    for _ in 0..<(isLong ? 500 : 20) {
        try station.start("--rate", "1000", "--block", "100")
        let group = DispatchGroup()
        for reader in readers {
            let path = station.plc
            Thread.detachNewThread {
                group.enter()
                reader.read(from: path)
                group.leave()
            }
        }
        Thread.sleep(forTimeInterval: .random(in: 0.02...0.2))
        station.kill()
        Thread.sleep(forTimeInterval: 0.01)
        group.wait()
    }
    // What was received must be what the log holds.
    try station.start()
    let check = Reader("check")
    let client = try LineClient(path: station.plc, patience: 5_000)
    _ = try client.hello(name: "check", profile: .plc, isAnonymous: true)
    var held: [Int64: String] = [:]
    var cursor: Int64 = 0
    while cursor < client.greeting.number("last") ?? 0 {
        let arguments = [JSONMember("after", .integer(cursor)), JSONMember("max", .integer(256))]
        let end = try client.ask("poll", arguments) { line in
            guard let seq = line.number("seq") else { return }
            if (line.number("from") ?? seq) != cursor + 1 { check.report("\(cursor + 1) is uncovered") }
            held[seq] = line.text.replacing(/"bk":[0-9]+/, with: "").replacing(/"fl":[0-9]+/, with: "")
            cursor = seq
        }
        try #require(end.kind == "end", "\(end.text)")
    }
    for reader in readers {
        #expect(reader.received > 0)
        for (seq, content) in reader.contents where held[seq] != content {
            reader.report("\(seq) was delivered and is not in the log as it was")
        }
    }
    let violations = (readers + [check]).flatMap { $0.violations.withLock { $0 } }
    #expect(violations.isEmpty, "\(violations.prefix(5))")
}

@Test("a clean stop and start goes on with the next number, the next run and the same log, without a gap")
func cleanRestart() throws {
    let station = try StationProcess()
    try station.start("--rate", "500")
    Thread.sleep(forTimeInterval: 0.2)
    let before = try LineClient(path: station.plc, patience: 2_000).greeting
    #expect(station.stop() == 0)
    try station.start()
    let client = try LineClient(path: station.plc, patience: 2_000)
    #expect(client.greeting["log"] == before["log"])
    #expect(client.greeting.number("run") == (before.number("run") ?? 0) + 1)
    _ = try client.hello(name: "check", profile: .plc, isAnonymous: true)
    var kinds: [String] = []
    let after = JSONMember("after", .integer(before.number("last") ?? 0))
    _ = try client.ask("poll", [after, JSONMember("max", .integer(256))]) { kinds.append($0.kind) }
    #expect(!kinds.isEmpty && !kinds.contains("gap"))
}
