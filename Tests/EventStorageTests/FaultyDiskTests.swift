import CPowerCut
import EventStorage
import Events
import Platform
import Synchronization
import Testing

/// Tests on a disk that loses power or fills up. One at a time: there is one such disk.
@Suite(.serialized)
struct FaultyDiskTests {
    /// A folder on that disk.
    private func faulty() -> Storehouse {
        let house = Storehouse()
        unsafe pc_watch(house.folder)
        return house
    }

    private func open(_ house: Storehouse) throws -> EventLog {
        var settings = Storehouse.settings
        settings.records = 1000
        return try house.open(settings) { surroundings in
            surroundings.replace = { path, bytes in
                // The power may go before the small file is replaced, and after it.
                guard pc_step() else { throw PlatformError.refused(call: "write", path: path, code: 5) }
                try writeAtomically(path, bytes)
                guard pc_step() else { throw PlatformError.refused(call: "fsync", path: path, code: 5) }
            }
        }
    }

    @Test("a power cut at any moment loses nothing that was published, accepted or acknowledged")
    func powerCut() throws {
        let house = faulty()
        var witness = Witness()
        var random = SplitMix64(seed: 5)
        for round in 0..<(isLong ? 200 : 20) {
            // Some cuts come while the log is still being opened, which takes some ten operations.
            let operations =
                round % 4 == 3
                ? Int.random(in: 0...30, using: &random) : Int.random(in: 0...900, using: &random)
            pc_arm(operations, UInt64(round) + 77)
            if let log = try? open(house) {
                load(log, &witness, seed: round)
                log.abandon()
            }
            #expect(pc_is_off(), "cut \(round)")
            pc_settle()
            let log = try open(house)
            #expect(log.status.setAside == [], "cut \(round)")
            try witness.check(log, "cut \(round)")
            if round % 3 == 0 { try log.stop() } else { log.abandon() }
        }
        #expect(witness.published.count > 100)
    }

    /// Publishes, accepts and acknowledges until the power is off.
    private func load(_ log: EventLog, _ witness: inout Witness, seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        let told = Guarded<[(name: String, seq: UInt64)]>([])
        let accepted = Guarded<[UInt32]>([])
        log.register("plc1", uid: 1) { _ in }
        for _ in 0..<100_000 {
            let jobs = accepted.value + (0..<Int.random(in: 0...5, using: &random)).map { _ in log.takeJob() }
            accepted.change { $0 = [] }
            if Bool.random(using: &random) {
                log.accept(Trigger(camera: 1, deadlineMilliseconds: 9)) { outcome in
                    if let job = try? outcome.get() { accepted.change { $0.append(job) } }
                }
            }
            let seq = log.status.last
            log.acknowledge("plc1", seq) { outcome in
                if let seq = try? outcome.get() { told.change { $0.append(("plc1", seq)) } }
            }
            guard let last = try? log.commit(jobs.map { result($0) }).last else { break }
            for (index, job) in jobs.enumerated() {
                witness.publish(job, as: last - UInt64(jobs.count - 1 - index))
            }
            for job in accepted.value { witness.accept(job) }
            for entry in told.value { witness.acknowledge(entry.name, entry.seq) }
            told.change { $0 = [] }
            guard (try? log.maintain()) != nil else { break }
        }
    }

    @Test("a record is visible to readers only after the flush of its commit, and nothing is left unflushed")
    func flushThenVisible() throws {
        let house = faulty()
        let log = try open(house)
        try log.fill(3)
        let seen = Seen(log)
        withExtendedLifetime(seen) {
            let context = unsafe Unmanaged.passUnretained(seen).toOpaque()
            unsafe pc_before_sync(
                { context, path in
                    guard let context = unsafe context, let path = unsafe path else { return }
                    let seen = unsafe Unmanaged<Seen>.fromOpaque(context).takeUnretainedValue()
                    seen.look(unsafe String(cString: path))
                }, context)
            for number in 1...5 {
                seen.expect(log.status.last)
                let syncs = pc_syncs()
                #expect(throws: Never.self) { try log.commit([result(UInt32(1000 + number))]) }
                #expect(pc_syncs() > syncs)
                #expect(unsafe pc_unsynced_bytes(house.folder + "/events.db-wal") == 0)
            }
            pc_before_sync(nil, nil)
        }
        #expect(seen.looks >= 5)
        #expect(seen.early == 0)
        log.abandon()
    }

    @Test("a full disk gives up the ballast, says so, and goes on by itself when there is room")
    func diskFull() throws {
        let house = faulty()
        let room = Guarded(true)
        var settings = Storehouse.settings
        settings.sequenceBlock = 1000
        let log = try house.open(settings) { surroundings in
            surroundings.allocate = { path, count in
                guard room.value else { throw PlatformError.refused(call: "fallocate", path: path, code: 28) }
                try Surroundings.machine.allocate(path, count)
            }
        }
        _ = try log.answer { log.register("plc1", uid: 1, $0) }
        let job = try log.answer { log.accept(Trigger(camera: 1, deadlineMilliseconds: 9), $0) }
        for round in 0..<3 {
            let stored = try log.fill(10)
            room.change { $0 = false }
            pc_fill(true)
            // In this disk the ballast frees nothing, so that the batch and the event are lost as well.
            for number in 0..<7 {
                #expect(throws: EventLogError.diskFull(path: house.folder + "/events.db")) {
                    try log.commit([result(number == 3 && round == 0 ? job : log.takeJob())])
                }
            }
            #expect(log.status.condition == .full)
            #expect(!house.files.contains("ballast"))
            #expect(throws: EventLogError.self) { try log.answer { log.acknowledge("plc1", 1, $0) } }
            try log.maintain()
            #expect(log.status.condition == .full)
            pc_fill(false)
            room.change { $0 = true }
            try log.maintain()
            #expect(log.status.condition == .writable)
            #expect(house.files.contains("ballast"))
            let after = try log.reader.records(after: stored, limit: 10)
            #expect(after[0].gap?.why == .storageError)
            #expect(after[0].gap?.from == stored + 1 && after[0].seq == stored + 7)
            #expect(after.compactMap(\.event).map(\.code) == [.diskOK])
        }
        // The accepted trigger whose result was lost has its one result.
        let results = try log.everything().compactMap(\.result).filter { $0.job == job }
        #expect(results.count == 1 && results[0].reason == .internal && results[0].verdict == .invalid)
        #expect(log.status.lost == 21 && log.status.pending == 0)
        #expect(coverage(try log.everything()) == 1...log.status.last)
        try log.stop()
    }
}

/// Looks at the log while a flush is about to begin.
private final class Seen: Sendable {
    private let log: EventLog
    private let last = Atomic<UInt64>(.max)
    private let counts = Mutex((looks: 0, early: 0))

    init(_ log: EventLog) { self.log = log }

    var looks: Int { counts.withLock { $0.looks } }
    var early: Int { counts.withLock { $0.early } }

    func expect(_ last: UInt64) { self.last.store(last, ordering: .relaxed) }

    func look(_ path: String) {
        guard path.hasSuffix("-wal"),
            let page = try? log.reader.page(after: last.load(ordering: .relaxed), limit: 10)
        else { return }
        counts.withLock {
            $0.looks += 1
            if !page.records.isEmpty { $0.early += 1 }
        }
    }
}
