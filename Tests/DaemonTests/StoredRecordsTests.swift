import Daemon
import EventStorage
import Foundation
import Sockets
import Testing

@Test("a request of another thread is durable though no result comes")
func requestsAlone() throws {
    let folder = FileManager.default.temporaryDirectory.appending(
        path: "lw-records-\(UInt32.random(in: 0 ... .max))")
    defer { try? FileManager.default.removeItem(at: folder) }
    var settings = StoreSettings()
    settings.ballastBytes = 4 << 20
    let log = try EventLog.open(folder: folder.path, settings: settings)
    do {
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
