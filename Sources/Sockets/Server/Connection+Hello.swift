import Events
import NIOCore
import Platform

// The handshake, and the heartbeats that follow it.

extension Connection {
    /// Checks and carries out `hello`. Throws the line that refuses it; the connection stays open then, but for
    /// another major version.
    func hello(_ line: RequestLine) throws(ErrorLine) {
        let major = line.members.first { $0.key == "proto" }?.value.integer
        // Another version may have other keys: it is refused before its keys are looked at.
        if let major, 0...99 ~= major, major != Int64(Greeting.major) {
            var error = refusal(line.id, .protocolMismatch, a: UInt64(Greeting.major))
            error.b = UInt64(Greeting.major)
            send(error)
            return end()
        }
        guard case .hello(let hello) = try Request(line, profile: .plc) else { return }
        guard profile == nil else { throw refusal(line.id, .badState) }
        guard !hello.isAnonymous else {
            acked = hub.last
            return greeted(hello, id: line.id)
        }
        let uid = peer.uid
        phase = .busy
        read(LogQuery { source throws(SourceError) in try source.register(consumer: hello.name, uid: uid) }) {
            connection, outcome in
            connection.phase = .idle
            switch outcome {
            case .success(let acked):
                connection.acked = acked
                connection.hub.claim(hello.name, for: connection)
                connection.consumer = hello.name
                connection.greeted(hello, id: line.id)
            case .failure(let error): connection.refuseHello(error, id: line.id)
            }
            connection.drain()
        }
    }

    private func refuseHello(_ error: SourceError, id: UInt32) {
        if case .ownedByAnother = error { hub.deny(uid: peer.uid) }
        send(Refusal(error).line(id: id))
        if case .tooManyConsumers = error { end() }
    }

    private func greeted(_ hello: Request.Hello, id: UInt32) {
        helloTimer?.cancel()
        profile = hello.profile
        heartbeat.period = hello.heartbeat ?? hub.settings.heartbeat
        let span = hub.source.span
        sendOK(
            id,
            .hello(
                role: role.rawValue, acked: acked, first: span.first, last: span.last,
                heartbeat: heartbeat.period))
    }
}

/// The beats of one connection (LWP/1, P12).
struct Heartbeat {
    /// Milliseconds.
    var period: UInt16 = 1_000
    /// The client asked for a watch; a stream wants beats too.
    var isWanted = false
    var timer: Scheduled<Void>?
    fileprivate var count: UInt32 = 0
    fileprivate var next = NIODeadline.distantFuture
}

extension Connection {
    /// Begins or ends the beats, as watch and stream want them.
    func beatIfWanted() {
        guard heartbeat.isWanted || stream != nil else {
            heartbeat.timer?.cancel()
            heartbeat.timer = nil
            return
        }
        guard heartbeat.timer == nil else { return }
        heartbeat.next = .now()
        scheduleBeat()
    }

    /// The next beat is a period after the one before was due, so that the periods do not drift.
    private func scheduleBeat() {
        let period = TimeAmount.milliseconds(Int64(heartbeat.period))
        let now = NIODeadline.now()
        heartbeat.next = heartbeat.next + period
        if heartbeat.next <= now { heartbeat.next = now + period }
        heartbeat.timer = channel.eventLoop.scheduleTask(deadline: heartbeat.next) { self.beat() }
    }

    private func beat() {
        guard phase != .ending else { return }
        let late = max(0, (NIODeadline.now() - heartbeat.next).nanoseconds)
        hub.tally.beatLateness.add(UInt32(clamping: late / 1_000))
        if channel.isWritable && hub.station.isMakingProgress {
            heartbeat.count &+= 1
            let span = hub.source.span
            let cursor = consumer == nil ? stream?.cursor.position ?? span.last : acked
            send { [hub, heartbeat] in
                hub.station.status.append(
                    beat: heartbeat.count, to: &$0, first: span.first, last: span.last,
                    backlog: span.last - min(span.last, cursor))
            }
        }
        scheduleBeat()
    }
}
