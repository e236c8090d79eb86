import Daemon
import EventStorage
import Events
import Foundation
import Testing

import struct Events.Record

/// The rotated copy of the log as JSON Lines.
@Suite("JSON Lines mirror")
struct JSONLinesMirrorTests {
    private let folder: String

    init() throws {
        folder = "/tmp/lw-mirror-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    private func record(_ seq: UInt64) -> Record {
        var result = InspectionResult(job: UInt32(seq), camera: 1, verdict: .ok, reason: .none)
        result.part = "part \(seq)"
        return Record(seq: seq, run: 1, body: .result(result))
    }

    private func records(_ range: ClosedRange<UInt64>) -> ArraySlice<Record> { range.map(record)[...] }

    private func line(_ record: Record) -> String {
        var line = LineWriter(capacity: 1_024)
        record.append(to: &line, profile: .full, Delivery())
        return String(decoding: line.bytes, as: UTF8.self)
    }

    private func text(_ name: String = "records.jsonl") throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: folder + "/" + name)), as: UTF8.self)
    }

    private func files(_ log: String = "7f3a9c21", limit: Int = 1 << 20) throws -> JSONLinesFiles {
        try JSONLinesFiles(folder: folder, log: log, after: 0, limit: limit)
    }

    @Test("the copy is the records' lines of profile full behind one line that names the log")
    func lines() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let files = try files()
        try files.append(records(1...3))
        try files.append(records(2...5))
        #expect(files.cursor == 5)
        let expected =
            "{\"t\":\"log\",\"log\":\"7f3a9c21\",\"after\":0}\n" + (1...5).map { line(record($0)) }.joined()
        #expect(try text() == expected)
    }

    @Test("cut at any byte the copy goes on at its last complete line, and ends as if it had not been cut")
    func cutAnywhere() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try files().append(records(1...4))
        let whole = Array(try text().utf8)
        defer { #expect((try? text("records.1.jsonl")) == nil) }
        for length in whole.indices {
            try Data(whole[..<length]).write(to: URL(filePath: folder + "/records.jsonl"))
            let files = try files()
            let complete = whole[..<length].count { $0 == UInt8(ascii: "\n") }
            #expect(files.cursor == UInt64(max(complete - 1, 0)), "cut at \(length)")
            try files.append(records(files.cursor + 1...4))
            #expect(Array(try text().utf8) == whole, "cut at \(length)")
        }
    }

    @Test("what no line of ours can be is cut off behind the last that can: zeros, halves, other text")
    func garbage() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try files().append(records(1...4))
        let whole = Array(try text().utf8)
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: 200_000)
        let tails: [[UInt8]] = [
            [0, 0, 0], Array("\n\n".utf8), Array("{\"t\":\"r\",\"seq\":9,\n".utf8), [10] + long + [10], long,
            Array("{\"t\":\"hb\",\"seq\":9}\n{\"t\":\"r\",\"seq\":x}\n".utf8),
        ]
        for tail in tails {
            try Data(whole + tail).write(to: URL(filePath: folder + "/records.jsonl"))
            let files = try files()
            #expect(files.cursor == 4)
            try files.append(records(5...5))
            #expect(Array(try text().utf8) == whole + Array(line(record(5)).utf8))
        }
    }

    @Test("files rotate at their limit, four are kept, and each goes on where the older one ends")
    func rotation() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let length = line(record(100)).utf8.count
        var copy = try files(limit: 4 * length)
        for seq in 1...60 as ClosedRange<UInt64> {
            try copy.append(records(seq...seq))
            if seq % 7 == 0 { copy = try files(limit: 4 * length) }
        }
        try copy.append(records(61...100))
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(names == ["records.1.jsonl", "records.2.jsonl", "records.3.jsonl", "records.jsonl"])
        var lines: [String] = []
        for name in ["records.3.jsonl", "records.2.jsonl", "records.1.jsonl", "records.jsonl"] {
            let text = try text(name)
            #expect(text.utf8.count <= 4 * length)
            let all: [String] = text.split(separator: "\n").map { String($0) + "\n" }
            #expect(all[0] == "{\"t\":\"log\",\"log\":\"7f3a9c21\",\"after\":\(90 + lines.count)}\n")
            lines += all.dropFirst()
        }
        #expect(lines == (91...100).map { line(record($0)) })
    }

    @Test("a line that is longer than a file gets a file of its own")
    func longLine() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let files = try files(limit: 10)
        try files.append(records(1...3))
        #expect(try text().split(separator: "\n").count == 2)
        #expect(try text("records.2.jsonl").hasSuffix(line(record(1))))
    }

    @Test("another log begins a file of its own")
    func otherLog() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try files().append(records(1...3))
        let other = try files("00000001")
        #expect(other.cursor == 0)
        try other.append(records(1...1))
        #expect(try text() == "{\"t\":\"log\",\"log\":\"00000001\",\"after\":0}\n" + line(record(1)))
        #expect(try text("records.1.jsonl").hasSuffix(line(record(3))))
    }

    @Test("the mirror copies every record that the log has, across restarts, also what came while it was off")
    func restarts() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let export = folder + "/log/export"
        for round in 0..<3 {
            let log = try EventLog.open(folder: folder + "/log", settings: StoreSettings())
            defer { try? log.stop() }
            let results = (0..<300).map { _ in
                Record.Body.result(
                    InspectionResult(job: log.takeJob(), camera: 1, verdict: .ok, reason: .none))
            }
            try log.commit(results)
            if round == 1 { continue }
            let mirror = try JSONLinesMirror(log: log, folder: export, limit: 1 << 20)
            try log.commit([.event(Event(.configChanged, severity: .info))])
            mirror.committed(upTo: log.status.last)
            mirror.finish()
            #expect(mirror.failure == nil)
            #expect(mirror.cursor == log.status.last)
            let all = try log.reader.records(after: 0, limit: .max / 2)
            let expected =
                "{\"t\":\"log\",\"log\":\"\(log.identity)\",\"after\":0}\n" + all.map(line).joined()
            let written = try Data(contentsOf: URL(filePath: export + "/records.jsonl"))
            #expect(String(decoding: written, as: UTF8.self) == expected)
        }
    }

    @Test("a folder that cannot be written is a failure in words, and the copy goes on when it can")
    func failure() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let log = try EventLog.open(folder: folder + "/log", settings: StoreSettings())
        defer { try? log.stop() }
        let export = folder + "/log/export"
        try Data([1]).write(to: URL(filePath: export))
        let mirror = try JSONLinesMirror(log: log, folder: export, limit: 1 << 20)
        var turns = 0
        while mirror.failure == nil, turns < 2_000 {
            Thread.sleep(forTimeInterval: 0.005)
            turns += 1
        }
        #expect(mirror.failure?.contains(export) == true)
        try FileManager.default.removeItem(atPath: export)
        mirror.finish()
        #expect(mirror.failure == nil && mirror.cursor == log.status.last)
    }
}
