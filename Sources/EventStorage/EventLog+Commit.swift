public import Events
import GRDB
import Synchronization

public import struct Events.Record

/// What a commit stored.
public struct CommitReceipt: Hashable, Sendable {
    /// The number of the newest durable record.
    public var last: UInt64
    /// Positions, among what was given, of second results for a job and of records that break a rule of the
    /// table. They are not stored and have no number.
    public var refused: [Int] = []
    public var condition: LogStatus.Condition
}

extension EventLog {
    /// Commits `bodies` in order, in one transaction, with the requests that wait, and answers these.
    ///
    /// Blocks until everything is on the medium: after it returns, a power cut cannot lose it, and only then
    /// may a socket show it. If it throws, none of it is stored, and the numbers that it would have had are
    /// covered by a gap as soon as something can be written again.
    ///
    /// `announcing` is called with the record of each body, in order, when nothing but COMMIT is left to do: what it
    /// is given is what will be committed, or nothing ever will under that number. Behind a loss it is not called,
    /// until a commit has succeeded. It runs inside the transaction and must not block.
    @discardableResult
    public func commit(
        _ bodies: [Record.Body], announcing: (@Sendable (Record) -> Void)? = nil
    ) throws(EventLogError) -> CommitReceipt {
        let requests = takeRequests()
        do {
            return try translating(path) {
                try database.writeWithoutTransaction { db in
                    try commit(bodies, requests: requests, announcing, db)
                }
            }
        } catch {
            for request in requests { request.fail(error) }
            throw error
        }
    }

    private func commit(
        _ bodies: [Record.Body], requests: [Request], _ announce: (@Sendable (Record) -> Void)?,
        _ db: Database
    ) throws -> CommitReceipt {
        if bodies.isEmpty && requests.isEmpty {
            return CommitReceipt(last: status.last, condition: condition)
        }
        guard condition != .full else {
            lose(bodies)
            throw EventLogError.diskFull(path: path)
        }
        let types = shared.withLock { $0.typeSource }, changes = types?.take() ?? []
        do {
            return try commit(bodies, requests: requests, changes, announce, db)
        } catch {
            types?.putBack(changes)
            throw error
        }
    }

    private func commit(
        _ bodies: [Record.Body], requests: [Request], _ changes: [TypeChange],
        _ announce: (@Sendable (Record) -> Void)?, _ db: Database
    ) throws -> CommitReceipt {
        do {
            var batch = Batch(bodies, requests: requests)
            batch.typeChanges = changes
            // Behind a loss, numbers also go to what the log says of it, and only its commit tells which.
            if writer.lostFrom == nil, writer.lostPending.isEmpty { batch.announce = announce }
            return try store(batch, db)
        } catch let error where isDiskFull(error) {
            guard ballast.giveUp() else {
                lose(bodies, condition: .full)
                throw EventLogError.diskFull(path: path)
            }
            return try storeOnBallast(bodies, requests, changes, db)
        } catch {
            lose(bodies, condition: .failing)
            throw error
        }
    }

    /// The last commit before the log is full: the batch that found no room, and the event that says so. What was
    /// announced has the same numbers again.
    private func storeOnBallast(
        _ bodies: [Record.Body], _ requests: [Request], _ changes: [TypeChange], _ db: Database
    ) throws -> CommitReceipt {
        let event = Event(.diskFull, severity: .critical)
        do {
            var batch = Batch(bodies + [.event(stamped(event))], requests: requests)
            batch.typeChanges = changes
            var receipt = try store(batch, db)
            shared.withLock { $0.status.condition = .full }
            receipt.condition = .full
            return receipt
        } catch {
            lose(bodies, condition: .full)
            throw EventLogError.diskFull(path: path)
        }
    }

    /// One transaction; on success what it did becomes visible and its requests are answered.
    @discardableResult
    func store(_ batch: Batch, _ db: Database) throws -> CommitReceipt {
        let highestJob = batch.bodies.lazy.compactMap(\.job).max() ?? 0
        // What the transaction may add of its own: a gap, events, results of lost triggers.
        let added = batch.bodies.count + writer.pending.count + StoreSettings.consumerLimit + 8
        try reserve(through: writer.next + UInt64(added), job: highestJob, db)
        var pass = Pass(self)
        var answers: [@Sendable () -> Void] = []
        try db.inTransaction(.immediate) {
            pass = Pass(self)
            answers = []
            try pass.coverLost(db)
            for (index, body) in batch.bodies.enumerated() where try !pass.append(body, db) {
                pass.refused.append(index)
            }
            let records = pass.stored
            for request in batch.requests { answers.append(try request.perform(db, &pass)) }
            for change in batch.typeChanges { try change.write(db, at: pass.milliseconds) }
            try batch.afterwards(db, &pass)
            if let announce = batch.announce { for record in records { announce(record) } }
            return .commit
        }
        let receipt = take(pass)
        for answer in answers { answer() }
        return receipt
    }

    private func take(_ pass: Pass) -> CommitReceipt {
        writer = pass.writer
        // Before the status says so: nobody is told of a number that is not here yet.
        tail.append(pass.stored, first: pass.first)
        return shared.withLock { shared in
            shared.consumers = pass.consumers
            shared.status.last = pass.writer.next - 1
            shared.status.first = pass.first
            shared.status.count = pass.count
            shared.status.pending = pass.writer.pending.count
            shared.status.refused += pass.refused.count
            shared.status.condition = .writable
            return CommitReceipt(last: shared.status.last, refused: pass.refused, condition: .writable)
        }
    }

    /// Gives `bodies` numbers that a gap will cover.
    private func lose(_ bodies: [Record.Body], condition: LogStatus.Condition? = nil) {
        if !bodies.isEmpty {
            writer.lostFrom = writer.lostFrom ?? writer.next
            writer.next += UInt64(bodies.count)
            writer.lostPending.formUnion(bodies.lazy.compactMap(\.job).filter(writer.pending.contains))
        }
        shared.withLock { shared in
            shared.status.lost += bodies.count
            if let condition { shared.status.condition = condition }
        }
    }

    private var condition: LogStatus.Condition { shared.withLock { $0.status.condition } }

    /// SQLite reports some full disks as errors of input and output: of the shared memory, or of flushing.
    private func isDiskFull(_ error: any Error) -> Bool {
        switch EventLogError(error, path: path) {
        case .diskFull: true
        case .storage: surroundings.freeBytes(folder) < 1 << 16
        default: false
        }
    }

    /// `event` with the time of now.
    func stamped(_ event: Event) -> Event {
        var event = event
        event.timeMilliseconds = surroundings.milliseconds()
        event.monotonicNanoseconds = surroundings.nanoseconds()
        return event
    }
}

/// What goes into one transaction.
struct Batch {
    var bodies: [Record.Body]
    var requests: [Request]
    /// Behind the results whose findings they are about, and behind what requests wrote.
    var typeChanges: [TypeChange] = []
    var announce: (@Sendable (Record) -> Void)?
    var afterwards: (Database, inout Pass) throws -> Void

    init(
        _ bodies: [Record.Body], requests: [Request] = [],
        afterwards: @escaping (Database, inout Pass) throws -> Void = { _, _ in }
    ) {
        (self.bodies, self.requests, self.afterwards) = (bodies, requests, afterwards)
    }
}

extension Record.Body {
    var job: UInt32? {
        guard case .result(let result) = self else { return nil }
        return result.job
    }
}
