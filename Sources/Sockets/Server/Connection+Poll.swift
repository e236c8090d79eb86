import Events
import NIOCore

/// A poll under way: it reads the log in small batches while the socket takes them, and may wait for its first
/// record (LWP/1, 4.1).
struct PollRun {
    let id: UInt32
    var cursor: RecordCursor
    /// Records that may still be sent.
    var left: Int
    /// The last number that is of interest.
    let end: UInt64
    /// When an empty poll is answered all the same.
    let deadline: NIODeadline
    var sent: UInt32 = 0
    /// Records looked at, the filtered ones included.
    var seen = 0
    var isReading = false
    var timer: Scheduled<Void>?
}

extension Connection {
    /// Records of one read: what may be in memory for one client.
    static let batch = 32
    /// A poll that filters is answered after so many records at the latest, so that its client sees progress.
    private static let seenLimit = 16_384

    func begin(_ request: Request.Poll, id: UInt32) throws(ErrorLine) {
        try check(log: request.log, id: id)
        let start = try position(of: request.after, id: id)
        let first = hub.source.span.first
        guard !request.isStrict || start + 1 >= first else { throw refusal(id, .outOfRange, a: first) }
        phase = .polling
        poll = PollRun(
            id: id, cursor: RecordCursor(after: start, kinds: request.kinds), left: request.max, end: .max,
            deadline: .now() + .milliseconds(Int64(request.wait)))
        pumpPoll()
    }

    /// A poll without limit and without wait.
    func export(after: UInt64, to: UInt64, id: UInt32) {
        phase = .polling
        poll = PollRun(
            id: id, cursor: RecordCursor(after: after, kinds: [.results, .events]), left: .max, end: to,
            deadline: .now())
        pumpPoll()
    }

    /// The number that `cursor` stands for. Throws 10 `cursor_ahead` where it is beyond the newest.
    func position(of cursor: Request.Cursor, id: UInt32) throws(ErrorLine) -> UInt64 {
        let last = hub.last
        switch cursor {
        case .acked: return min(acked, last)
        case .tail: return last
        case .after(let seq):
            guard seq <= last else { throw refusal(id, .cursorAhead, a: last) }
            return seq
        }
    }

    /// Goes on with the poll as far as log and socket allow: reads, waits or answers.
    func pumpPoll() {
        guard phase == .polling, let run = poll, !run.isReading, channel.isWritable else { return }
        let last = hub.last
        let isBehind = run.cursor.position < min(last, run.end)
        if isBehind && run.left > 0 && run.seen < Self.seenLimit {
            return readForPoll(run, last: min(last, run.end))
        }
        let mayWait = run.sent == 0 && run.left > 0 && run.seen < Self.seenLimit && !hasLine && isInputOpen
        guard mayWait && run.end == .max && NIODeadline.now() < run.deadline else { return answerPoll() }
        if run.timer == nil {
            poll?.timer = channel.eventLoop.scheduleTask(deadline: run.deadline) {
                if self.poll?.id == run.id { self.pumpPoll() }
            }
        }
    }

    private func readForPoll(_ run: PollRun, last: UInt64) {
        let (after, limit) = (run.cursor.position, min(run.left, Self.batch))
        if let records = hub.source.recent(after: after, limit: limit) {
            say(records, last: last)
            // A full batch: the rest after the others' turn.
            guard records.count == limit else { return pumpPoll() }
            return channel.eventLoop.execute { self.pumpPoll() }
        }
        poll?.isReading = true
        read(LogQuery { source throws(SourceError) in try source.records(after: after, limit: limit) }) {
            connection, outcome in
            guard connection.poll?.isReading == true else { return }
            connection.poll?.isReading = false
            switch outcome {
            case .success(let records):
                connection.say(records, last: last)
                connection.pumpPoll()
                connection.drain()
            case .failure(let error):
                connection.endPoll { Refusal(error).line(id: run.id).append(to: &$0, profile: $1) }
            }
        }
    }

    /// Writes `records`, or that everything up to `last` is gone where there are none.
    private func say(_ records: [Record], last: UInt64) {
        guard var run = poll else { return }
        let profile = profile ?? .plc
        send { line in
            if records.isEmpty {
                run.cursor.writeGap(
                    to: last, timeMilliseconds: hub.station.status.timeMilliseconds, into: &line)
                (run.sent, run.left, run.seen) = (run.sent + 1, run.left - 1, run.seen + 1)
            }
            var index = 0
            while index < records.count, run.left > 0, records[index].firstNumber <= run.end {
                let record = records[index]
                let step = run.cursor.step(record, into: &line, profile: profile, delivery(of: record))
                run.seen += 1
                if step != .wroteGapBefore { index += 1 }
                if step != .filtered { (run.sent, run.left) = (run.sent + 1, run.left - 1) }
            }
            if index < records.count && run.left > 0 { run.left = 0 }
        }
        poll = run
    }

    private func answerPoll() {
        guard var run = poll else { return }
        let (last, acked) = (hub.last, acked)
        endPoll { line, _ in
            run.cursor.writeSkip(into: &line)
            PollEnd(id: run.id, count: run.sent, next: run.cursor.position, last: last, acked: acked)
                .append(to: &line)
        }
    }

    private func endPoll(_ write: (inout LineWriter, Profile) -> Void) {
        poll?.timer?.cancel()
        poll = nil
        phase = .idle
        let profile = profile ?? .plc
        send { write(&$0, profile) }
        drain()
    }
}

/// A file on its way to the client in pieces (LWP/1, 4.3, `image.get`).
struct BlobRun {
    let id: UInt32
    let bytes: [UInt8]
    let members: [JSONMember]
    var offset = 0
    var pieces: UInt32 = 0
}

extension Connection {
    /// Bytes of one piece: 24,000 characters of base64.
    private static let piece = 18_000

    func begin(blob bytes: [UInt8], _ members: [JSONMember], id: UInt32) {
        phase = .busy
        blob = BlobRun(id: id, bytes: bytes, members: members)
        pumpBlob()
    }

    /// Writes pieces while the socket takes them, then `end`.
    func pumpBlob() {
        guard var run = blob else { return }
        while channel.isWritable, run.offset < run.bytes.count {
            let piece = run.bytes[run.offset..<min(run.offset + Self.piece, run.bytes.count)]
            send { line in
                line.put("{\"t\":\"blob\",\"id\":", run.id)
                line.put(",\"off\":", run.offset)
                line.put(",\"len\":", piece.count)
                line.put(",\"b64\":\"")
                line.put(base64: piece)
                line.put("\"}\n")
            }
            run.offset += piece.count
            run.pieces += 1
        }
        blob = run
        guard run.offset == run.bytes.count else { return }
        blob = nil
        phase = .idle
        let (last, acked) = (hub.last, acked)
        send { line in
            PollEnd(id: run.id, count: run.pieces, next: last, last: last, acked: acked)
                .append(to: &line) { line in
                    for member in run.members {
                        line.put(",")
                        line.put(member)
                    }
                }
        }
        drain()
    }
}

extension LineWriter {
    /// Appends `bytes` in base64 (RFC 4648, section 4) with padding.
    mutating func put(base64 bytes: ArraySlice<UInt8>) {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var start = bytes.startIndex
        while start < bytes.endIndex {
            let count = min(3, bytes.endIndex - start)
            var word: UInt32 = 0
            for place in 0..<3 { word = word << 8 | (place < count ? UInt32(bytes[start + place]) : 0) }
            for place in 0..<4 {
                let digit = alphabet[Int(word >> UInt32(18 - 6 * place) & 63)]
                put(byte: place <= count ? digit : UInt8(ascii: "="))
            }
            start += 3
        }
    }
}
