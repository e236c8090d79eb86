import Daemon
import EventStorage
import Events
import Foundation
import Platform
import Sockets
import Synchronization
import Testing

/// A log in a folder of its own.
private func withLog<Value>(_ body: (EventLog) throws -> Value) throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appending(
        path: "lw-publisher-\(UInt32.random(in: 0 ... .max))")
    defer { try? FileManager.default.removeItem(at: folder) }
    var settings = StoreSettings()
    settings.ballastBytes = 4 << 20
    let log = try EventLog.open(folder: folder.path, settings: settings)
    return try body(log)
}

private func outcome(_ job: UInt32) -> Outcome {
    var outcome = Outcome()
    outcome.job = job
    outcome.camera = 1
    outcome.verdict = .ok
    outcome.reason = .none
    outcome.partLength = 2
    outcome.part[0] = UInt8(ascii: "A")
    outcome.part[1] = UInt8(ascii: "7")
    outcome.findingCount = 255
    return outcome
}

@Test("outcomes of two workers and events of others all become records, each worker's in its order")
func publishes() throws {
    try withLog { log in
        let rings = [Ring<Outcome>(capacity: 64), Ring<Outcome>(capacity: 64)]
        let newest = Mutex<UInt64>(0)
        let publisher = try Publisher(log: log, rings: rings) { seq in newest.withLock { $0 = seq } }
        for index in 0..<2_000 {
            let ring = rings[index % 2]
            while ring.push(outcome(UInt32(index + 1))) != nil { publisher.wake() }
            publisher.wake()
            if index % 100 == 0 { publisher.publish(.event(Event(.clockSynced, severity: .info))) }
        }
        publisher.finish()

        var records: [Record] = []
        while let page = try? log.reader.records(after: records.last?.seq ?? 0, limit: 500), !page.isEmpty {
            records += page
        }
        #expect(newest.withLock { $0 } == records.last?.seq)
        let results = records.compactMap { record -> InspectionResult? in
            guard case .result(let result) = record.body else { return nil }
            return result
        }
        #expect(results.count == 2_000)
        #expect(results.allSatisfy { $0.part == "A7" })
        for parity in 0..<2 {
            let jobs = results.map(\.job).filter { $0 % 2 == UInt32(parity) }
            #expect(jobs == jobs.sorted())
        }
        let events = records.count {
            if case .event(let event) = $0.body { event.code == .clockSynced } else { false }
        }
        #expect(events == 20)
        #expect(publisher.health.lostCount == 0)
        try log.stop()
    }
}

@Test("a request of another thread is durable though no result comes")
func requestsAlone() throws {
    try withLog { log in
        let publisher = try Publisher(log: log, rings: []) { _ in }
        let records = StoredRecords(log)
        let cursor = try records.register(consumer: "plc1", uid: 1_000)
        #expect(cursor == log.status.last)
        #expect(try records.consumers().map(\.name) == ["plc1"])
        try records.drop(consumer: "plc1")
        #expect(try records.consumers().isEmpty)
        #expect(throws: (any Error).self) { try records.drop(consumer: "plc1") }
        publisher.finish()
        try log.stop()
    }
}
