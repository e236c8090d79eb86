import Daemon
import Events
import Synchronization
import Systemd
import Testing

private final class Sent: Sendable {
    let entries = Mutex<[JournalEntry]>([])
    var messages: [String] { entries.withLock { $0.map { $0.fields[0].value } } }
}

private func result(_ reason: Reason, seq: UInt64) -> Record {
    var result = InspectionResult(job: UInt32(seq), camera: 2, verdict: reason.verdict, reason: reason)
    result.score = reason == .anomaly ? 13_250 : 0
    result.box = Box(x: 512, y: 88, width: 40, height: 22)
    return Record(seq: seq, run: 7, body: .result(result))
}

@Test("each NG part and each event has a line with fields, an OK part has none")
func lines() throws {
    let sent = Sent()
    let journal = RecordJournal(run: 7) { entry in sent.entries.withLock { $0.append(entry) } }
    journal.add(result(.none, seq: 1), now: 0)
    journal.add(result(.anomaly, seq: 2), now: 0)
    journal.add(result(.anomaly, seq: 3), now: 0)
    journal.add(result(.inBand, seq: 4), now: 0)
    let lost = Event(.cameraLost, severity: .error, camera: 2, a: 19)
    journal.add(Record(seq: 5, run: 7, body: .event(lost)), now: 0)
    #expect(
        sent.messages == [
            "NG on camera 2: score 13250 of 10000 at 512,88 40x22",
            "NG on camera 2: score 13250 of 10000 at 512,88 40x22",
            "camera_lost on camera 2 (19, 0)",
        ])
    let fields = Dictionary(
        uniqueKeysWithValues: try #require(sent.entries.withLock { $0.last }).fields.map {
            ($0.name, $0.value)
        })
    #expect(fields["PRIORITY"] == "3")
    #expect(fields["LINEWATCH_SUBSYSTEM"] == "capture")
    #expect(fields["LINEWATCH_EVENT"] == "camera_lost")
    #expect(fields["LINEWATCH_CODE"] == "1101")
    #expect(fields["LINEWATCH_SEQ"] == "5")
    #expect(fields["LINEWATCH_RUN"] == "7")
    #expect(fields["MESSAGE_ID"]?.count == 32)
}

@Test("INVALID results of one reason are one line a minute with their count")
func invalidRepeats() {
    let sent = Sent()
    let journal = RecordJournal(run: 1) { entry in sent.entries.withLock { $0.append(entry) } }
    for second in 0..<120 { journal.add(result(.cameraLost, seq: 1), now: second * 1_000_000_000) }
    journal.add(result(.queueFull, seq: 2), now: 0)
    #expect(sent.messages.count == 3)
    #expect(sent.messages[1].hasSuffix("and 59 more like it since the last line"))
}
