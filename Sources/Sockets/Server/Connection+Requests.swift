import Events
import NIOCore

// What a request may do, and who does it.

extension Connection {
    /// Checks the handshake, the role and the arguments, in this order, and begins to carry out the request.
    ///
    /// Throws the line that refuses it.
    func perform(_ line: RequestLine) throws(ErrorLine) {
        guard !hub.isStopping else {
            throw refusal(line.id, .shuttingDown, retry: hub.settings.comeBackAfter)
        }
        if line.operation == .hello { return try hello(line) }
        guard let profile else {
            guard line.operation == .ping else { throw ErrorLine(id: line.id, .needHello) }
            _ = try Request(line, profile: .plc)
            return sendOK(line.id)
        }
        guard line.operation.role <= role else {
            hub.deny(uid: peer.uid)
            throw ErrorLine(id: line.id, .forbidden)
        }
        guard profile == .full || !line.operation.needsFullProfile else {
            throw .badArgument(id: line.id, key: "op", "'\(line.operation.rawValue)' needs profile full")
        }
        try perform(try Request(line, profile: profile), id: line.id)
    }

    private func perform(_ request: Request, id: UInt32) throws(ErrorLine) {
        switch request {
        case .hello, .ping: sendOK(id)
        case .describe: send { $0.put(descriptionOf: id) }
        case .state:
            send { [hub, acked] in hub.station.status.append(to: &$0, id: id, last: hub.last, acked: acked) }
        case .stats: send { [hub] in hub.station.statistics.append(to: &$0, id: id) }
        case .poll(let poll): try begin(poll, id: id)
        case .sub(let subscription): try begin(subscription, id: id)
        case .unsub:
            endStream()
            sendOK(id)
        case .ack(let seq, let log): try acknowledge(seq, log: log, id: id)
        case .watch(let milliseconds):
            guard let consumer else { throw ErrorLine(id: id, .anonymousClient) }
            hub.watch(consumer, milliseconds: milliseconds)
            heartbeat.isWanted = milliseconds > 0
            sendOK(id)
            beatIfWanted()
        case .get(let seq): get(seq, id: id)
        case .export(let after, let to): export(after: after, to: to, id: id)
        case .consumerList: listConsumers(id: id)
        case .consumerDrop(let name):
            query(LogQuery { source throws(SourceError) in try source.drop(consumer: name) }, id: id) {
                connection, _ in
                connection.sendOK(id)
            }
        default: ask(request, id: id)
        }
    }

    /// Hands `request` to the station; the connection's next line waits for the answer.
    private func ask(_ request: Request, id: UInt32) {
        phase = .busy
        hub.operationsInProgress += 1
        let (loop, station) = (channel.eventLoop, hub.station)
        Task {
            let outcome: Result<StationAnswer, Refusal>
            do throws(Refusal) {
                outcome = .success(try await station.answer(request))
            } catch {
                outcome = .failure(error)
            }
            loop.execute { self.answered(outcome, id: id) }
        }
    }

    private func answered(_ outcome: Result<StationAnswer, Refusal>, id: UInt32) {
        hub.operationsInProgress -= 1
        guard phase == .busy else { return }
        phase = .idle
        switch outcome {
        case .failure(let refusal): send(refusal.line(id: id))
        case .success(.done): sendOK(id)
        case .success(.accepted(let job)):
            sendOK(
                id,
                .job(
                    job.job, camera: job.camera, deadline: job.deadline,
                    timeMilliseconds: job.timeMilliseconds))
        case .success(.reply(.ok(let members))): sendOK(id, members: members)
        case .success(.reply(.blob(let bytes, let members))): begin(blob: bytes, members, id: id)
        }
        drain()
    }

    /// Asks the log on a reading thread; the connection's next line waits for it.
    func query<Value: Sendable>(
        _ query: LogQuery<Value>, id: UInt32,
        then: @escaping @Sendable (Connection, Value) -> Void
    ) {
        phase = .busy
        read(query) { connection, outcome in
            connection.phase = .idle
            switch outcome {
            case .success(let value): then(connection, value)
            case .failure(let error): connection.send(Refusal(error).line(id: id))
            }
            connection.drain()
        }
    }

    /// `ok` with `members`; an answer that is longer than a line may be is a bug and says so.
    private func sendOK(_ id: UInt32, members: [JSONMember]) {
        var isTooLong = false
        send { line in
            line.put("{\"t\":\"ok\",\"id\":", id)
            for member in members {
                line.put(",")
                line.put(member)
            }
            line.put("}\n")
            isTooLong = line.bytes.count > LineLimit.full
            if isTooLong { line.removeAll() }
        }
        guard isTooLong else { return }
        var error = ErrorLine(id: id, .internal)
        error.message = "the answer is longer than a line may be"
        send(error)
    }

    func refusal(_ id: UInt32, _ number: ErrorNumber, retry: UInt16 = 0, a: UInt64 = 0) -> ErrorLine {
        var error = ErrorLine(id: id, number)
        (error.retry, error.a) = (retry, a)
        return error
    }

    /// Throws 11 `log_changed` where the client means another log.
    func check(log: UInt32?, id: UInt32) throws(ErrorLine) {
        guard let log, log != hub.source.span.log else { return }
        throw refusal(id, .logChanged)
    }

    private func acknowledge(_ seq: UInt64, log: UInt32?, id: UInt32) throws(ErrorLine) {
        guard let consumer else { throw ErrorLine(id: id, .anonymousClient) }
        try check(log: log, id: id)
        guard seq <= hub.last else { throw refusal(id, .cursorAhead, a: hub.last) }
        phase = .busy
        let loop = channel.eventLoop
        hub.source.acknowledge(consumer: consumer, upTo: seq) { outcome in
            loop.execute { self.acknowledged(outcome, upTo: seq, id: id) }
        }
    }

    private func acknowledged(_ outcome: Result<UInt64, SourceError>, upTo seq: UInt64, id: UInt32) {
        guard phase == .busy else { return }
        phase = .idle
        switch outcome {
        case .success(let acked):
            self.acked = acked
            sendOK(id, .acked(acked))
            giveBackCredit(upTo: seq)
        case .failure(let error): send(Refusal(error).line(id: id))
        }
        drain()
    }

    private func get(_ seq: UInt64, id: UInt32) {
        query(LogQuery { source throws(SourceError) in try source.record(seq) }, id: id) {
            connection, record in
            guard let record else {
                return connection.send(Refusal.noRecord(seq, in: connection.hub.source.span).line(id: id))
            }
            // A record line has no id: the end behind it carries that, as behind the records of a poll.
            let end = PollEnd(
                id: id, count: 1, next: record.seq, last: connection.hub.last, acked: connection.acked)
            connection.send {
                $0.put(record, for: connection)
                end.append(to: &$0)
            }
        }
    }

    private func listConsumers(id: UInt32) {
        query(LogQuery { source throws(SourceError) in try source.consumers() }, id: id) {
            connection, consumers in
            let last = connection.hub.last
            let list = consumers.map { consumer in
                JSONValue.object([
                    JSONMember("name", .text(consumer.name)),
                    JSONMember("uid", .integer(Int64(consumer.uid))),
                    JSONMember("acked", .integer(Int64(clamping: consumer.acked))),
                    JSONMember("lag", .integer(Int64(clamping: last - min(last, consumer.acked)))),
                    JSONMember("seen", .integer(consumer.seenMilliseconds)),
                ])
            }
            connection.sendOK(id, members: [JSONMember("consumers", .array(list))])
        }
    }
}

extension Hub {
    /// The newest number of the log.
    var last: UInt64 { source.span.last }
}

extension LineWriter {
    /// Appends the line of `record` as the client of `connection` gets it.
    mutating func put(_ record: Record, for connection: Connection) {
        record.append(to: &self, profile: connection.profile ?? .plc, connection.delivery(of: record))
    }
}

extension Connection {
    /// What a line says of `record` for this client, at this moment.
    func delivery(of record: Record, isDurable: Bool = true) -> Delivery {
        let last = max(hub.last, record.seq)
        return Delivery(
            backlog: last - record.seq, isHistorical: record.seq <= lastAtConnect, isDurable: isDurable)
    }
}

/// What a station operation ended with.
private enum StationAnswer: Sendable {
    case done
    case accepted(AcceptedTrigger)
    case reply(AdminReply)
}

extension Station {
    /// Carries out a request that the server itself cannot.
    fileprivate func answer(_ request: Request) async throws(Refusal) -> StationAnswer {
        switch request {
        case .trigger(let trigger): return .accepted(try await self.trigger(trigger))
        case .recipe(let recipe): try await useRecipe(recipe)
        case .arm(let camera): try await arm(camera)
        case .disarm(let camera): try await disarm(camera)
        case .reset: try await reset()
        case .mark(let mark): try await self.mark(mark)
        case .admin(let request): return .reply(try await administer(request))
        default: throw Refusal(.internal, message: "the server handed over what is its own")
        }
        return .done
    }
}
