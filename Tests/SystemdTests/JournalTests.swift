import Logging
import Synchronization
import Systemd
import Testing

private final class Sent: Sendable {
    let entries = Mutex<[JournalEntry]>([])
}

@Test("a log line carries its subsystem and metadata as journal fields")
func fieldsOfALogLine() throws {
    let sent = Sent()
    var logger = Logger(label: "capture") { label in
        JournalLogHandler(label: label) { entry in sent.entries.withLock { $0.append(entry) } }
    }
    logger[metadataKey: "camera"] = "2"
    logger.warning("camera 2 lost: the device is gone", metadata: ["code": "1101", "message_id": "abc"])
    logger.debug("below the level")

    let entries = sent.entries.withLock { $0 }
    let fields = Dictionary(
        uniqueKeysWithValues: try #require(entries.first).fields.map { ($0.name, $0.value) })
    #expect(entries.count == 1)
    #expect(fields["MESSAGE"] == "camera 2 lost: the device is gone")
    #expect(fields["PRIORITY"] == "4")
    #expect(fields["SYSLOG_IDENTIFIER"] == "linewatchd")
    #expect(fields["LINEWATCH_SUBSYSTEM"] == "capture")
    #expect(fields["LINEWATCH_CAMERA"] == "2")
    #expect(fields["LINEWATCH_CODE"] == "1101")
    #expect(fields["MESSAGE_ID"] == "abc")
    #expect(fields["CODE_LINE"] != nil)
}

@Test("a field name that the journal would refuse is made acceptable")
func fieldNames() {
    var entry = JournalEntry("m", priority: .info)
    for name in ["ok_1", "_hidden", "9lives", "Grüße", ""] { entry.set(name, 1) }
    #expect(entry.fields.dropFirst(3).map(\.name) == ["OK_1", "F_HIDDEN", "F9LIVES", "GR__SSE", "F"])
}

@Test("the first line of a kind passes, then one a minute with the count of the others")
func repeats() {
    var limit = RepeatLimit<Int>()
    let second = 1_000_000_000
    #expect(limit.pass(1101, now: 0) == 0)
    #expect(limit.pass(1101, now: second) == nil)
    #expect(limit.pass(1102, now: second) == 0)
    #expect(limit.pass(1101, now: 59 * second) == nil)
    #expect(limit.pass(1101, now: 60 * second) == 2)
    #expect(limit.pass(1101, now: 61 * second) == nil)
    #expect(limit.pass(1101, now: 300 * second) == 1)
}
