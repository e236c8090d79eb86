import EventStorage
import Events
import Testing

struct CommitTests {
    @Test("every commit of the writer is flushed: PRAGMA synchronous reads 2, journal mode wal")
    func synchronous() throws {
        let house = Storehouse()
        let log = try house.open()
        #expect(try log.pragma("synchronous") == 2)
        #expect(try log.pragma("wal_autocheckpoint") == 1000)
        #expect(try log.pragma("journal_size_limit") == 16_777_216)
        #expect(try log.pragma("foreign_keys") == 1)
        #expect(try log.pragma("cache_size") == -512)
        try log.stop()
        var settings = Storehouse.settings
        settings.sync = .normal
        let normal = try house.open(settings)
        try normal.fill(300, each: 10)
        #expect(try normal.pragma("synchronous") == 1)
    }

    @Test("numbers grow by exactly one per record, over many commits and blocks")
    func numbers() throws {
        let house = Storehouse()
        let log = try house.open()
        for count in 1...40 {
            let before = log.status.last
            let receipt = try log.commit((0..<count).map { _ in result(log.takeJob()) })
            #expect(receipt.last == before + UInt64(count))
        }
        let records = try log.everything()
        #expect(coverage(records) == 1...821)
        #expect(records.compactMap(\.gap).isEmpty)
    }

    @Test("a second result for a job is refused and counted, and the others of its batch are stored")
    func secondResult() throws {
        let house = Storehouse()
        let log = try house.open()
        try log.commit([result(1), result(2)])
        let receipt = try log.commit([result(3), result(2), result(4), result(3), result(5)])
        #expect(receipt.refused == [1, 3])
        #expect(log.status.refused == 2)
        let jobs = try log.everything().compactMap(\.result).map(\.job)
        #expect(jobs == [1, 2, 3, 4, 5])
        #expect(coverage(try log.everything()) == 1...6)
        try log.commit([result(6)])
    }

    @Test("an empty commit writes nothing")
    func empty() throws {
        let house = Storehouse()
        let log = try house.open()
        let last = log.status.last
        #expect(try log.commit([]).last == last)
        #expect(try log.everything().count == 1)
    }

    @Test("job numbers are never given twice, by any thread")
    func jobs() async throws {
        let house = Storehouse()
        let log = try house.open()
        let jobs = await withTaskGroup(of: [UInt32].self) { group in
            for _ in 0..<4 { group.addTask { (0..<500).map { _ in log.takeJob() } } }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(jobs).count == 2000)
        try log.commit(jobs.map { result($0) })
        log.abandon()
        let again = try house.open()
        #expect(again.takeJob() > jobs.max()!)
    }

    @Test("a request is answered by the commit that carries it, and not before")
    func requestRides() throws {
        let house = Storehouse()
        let log = try house.open()
        let answered = Guarded(0)
        log.register("plc1", uid: 1) { _ in answered.change { $0 += 1 } }
        log.acknowledge("plc1", 1) { _ in answered.change { $0 += 1 } }
        #expect(answered.value == 0)
        try log.commit([result(1)])
        #expect(answered.value == 2)
    }

    @Test("a stopped log refuses everything with one error")
    func stopped() throws {
        let house = Storehouse()
        let log = try house.open()
        try log.stop()
        try log.stop()
        #expect(throws: EventLogError.stopped) { try log.answer { log.register("plc1", uid: 1, $0) } }
        #expect(throws: EventLogError.self) { try log.commit([result(1)]) }
    }
}
