import Events
import NIOCore

/// A subscription: the log at the client's cursor, while credit and socket last (LWP/1, 4.1 and P11).
struct StreamRun {
    let id: UInt32
    /// Which stream of the connection this is: clients may use the same `id` again.
    let serial: Int
    /// What the log has said. In fast mode records may have been sent ahead of it.
    var cursor: RecordCursor
    /// Records that may be unacknowledged; nil for an anonymous client, which cannot acknowledge.
    let credit: Int?
    /// The numbers of the records that were sent and not acknowledged, ascending; at most `credit` of them.
    var unacknowledged: [UInt64] = []
    /// Where the sending ahead stands; nil where the client did not ask for fast mode.
    var ahead: RecordCursor?
    var isReading = false
    var hasRaisedTimeout = false
    var ackTimer: Scheduled<Void>?

    /// Records that may be sent now.
    var room: Int { credit.map { max(0, $0 - unacknowledged.count) } ?? Connection.batch }

    /// Counts a record that was sent.
    mutating func spend(_ seq: UInt64) {
        if credit != nil { unacknowledged.append(seq) }
    }
}

extension Connection {
    /// Begins a stream in place of the one that there may be.
    func begin(_ request: Request.Subscription, id: UInt32) throws(ErrorLine) {
        try check(log: request.log, id: id)
        let start = try position(of: request.after, id: id)
        endStream()
        let cursor = RecordCursor(after: start, kinds: request.kinds)
        streamCount += 1
        stream = StreamRun(
            id: id, serial: streamCount, cursor: cursor, credit: consumer == nil ? nil : request.credit,
            ahead: request.isFast && hub.settings.publishesFast ? cursor : nil)
        sendOK(id, .subscribed(acked: acked, credit: UInt16(clamping: request.credit)))
        beatIfWanted()
        pumpStream()
    }

    /// Stops the stream; nothing of it is written any more.
    func endStream() {
        stream?.ackTimer?.cancel()
        stream = nil
        beatIfWanted()
    }

    /// The client has acknowledged up to `seq`.
    func giveBackCredit(upTo seq: UInt64) {
        guard var run = stream, run.credit != nil else { return }
        run.unacknowledged.removeFirst(run.unacknowledged.firstIndex { $0 > seq } ?? run.unacknowledged.count)
        if run.room > 0 {
            run.ackTimer?.cancel()
            run.ackTimer = nil
        }
        stream = run
        pumpStream()
    }

    /// Goes on with the stream as far as log, credit and socket allow.
    func pumpStream() {
        guard phase != .ending, let run = stream, channel.isWritable else { return }
        sendAhead()
        let last = hub.last
        guard !run.isReading, run.cursor.position < last else { return }
        // What was sent ahead costs no credit when the log confirms it.
        let confirming = run.ahead.map { $0.position - min($0.position, run.cursor.position) } ?? 0
        let limit = min(max(run.room, Int(clamping: confirming)), Self.batch)
        guard limit > 0 else { return awaitAcknowledgement() }
        if let records = hub.source.recent(after: run.cursor.position, limit: limit) {
            stream(records, last: last)
            // The rest after the others' turn: a client that catches up does not keep the loop to itself.
            if hasMoreToStream { channel.eventLoop.execute { self.pumpStream() } }
            return
        }
        stream?.isReading = true
        let (after, serial) = (run.cursor.position, run.serial)
        read(LogQuery { source throws(SourceError) in try source.records(after: after, limit: limit) }) {
            connection, outcome in
            guard connection.stream?.serial == serial else { return }
            connection.stream?.isReading = false
            switch outcome {
            case .success(let records):
                connection.stream(records, last: last)
                connection.pumpStream()
            case .failure(let error):
                connection.endStream()
                connection.send(Refusal(error).line(id: run.id))
            }
        }
    }

    private func stream(_ records: [Record], last: UInt64) {
        guard var run = stream else { return }
        let profile = profile ?? .plc
        send { line in
            if records.isEmpty {
                run.cursor.writeGap(
                    to: last, timeMilliseconds: hub.station.status.timeMilliseconds, into: &line)
                run.spend(last)
            }
            var index = 0
            var confirmed: UInt64 = 0
            while index < records.count {
                let record = records[index]
                if let ahead = run.ahead, record.seq <= ahead.position {
                    // A number that was shown and then not committed is the only one that is said again.
                    if case .gap = record.body {
                        record.append(to: &line, profile: profile, delivery(of: record))
                        run.spend(record.seq)
                    }
                    run.cursor.pass(record)
                    confirmed = record.seq
                    index += 1
                    continue
                }
                guard run.room > 0 else { break }
                let step = run.cursor.step(record, into: &line, profile: profile, delivery(of: record))
                if step != .wroteGapBefore { index += 1 }
                if step != .filtered { run.spend(run.cursor.position) }
            }
            if confirmed > 0 { line.putCommit(upTo: confirmed) }
            if let ahead = run.ahead, ahead.position < run.cursor.position { run.ahead = run.cursor }
        }
        stream = run
    }

    private var hasMoreToStream: Bool { stream.map { $0.cursor.position < hub.last } ?? false }

    /// Sends what is announced and not yet committed, where the stream has said everything before it.
    private func sendAhead() {
        guard var run = stream, var ahead = run.ahead, !hub.announced.isEmpty else { return }
        let profile = profile ?? .plc
        send { line in
            for record in hub.announced where record.seq > ahead.position {
                guard record.firstNumber == ahead.position + 1, run.room > 0, line.bytes.count < 8_192 else {
                    break
                }
                let step = ahead.step(
                    record, into: &line, profile: profile, delivery(of: record, isDurable: false))
                if step != .filtered { run.spend(record.seq) }
            }
        }
        run.ahead = ahead
        stream = run
    }

    /// Records wait and the credit is used up: event 1502, once for each stream, if that stays so.
    private func awaitAcknowledgement() {
        guard let run = stream, run.ackTimer == nil, !run.hasRaisedTimeout, let consumer else { return }
        stream?.ackTimer = after(hub.settings.ackTimeout) { connection in
            connection.stream?.ackTimer = nil
            guard let run = connection.stream, run.room == 0, !run.hasRaisedTimeout else { return }
            connection.stream?.hasRaisedTimeout = true
            connection.hub.station.raise(
                connection.hub.event(.handshakeTimeout, .warning, name: consumer))
        }
    }
}
