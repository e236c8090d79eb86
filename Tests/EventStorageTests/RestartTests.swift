import EventStorage
import Events
import Testing

struct RestartTests {
    @Test("a clean stop costs no number: the next run goes on, one higher, in the same log")
    func clean() throws {
        let house = Storehouse()
        let first = try house.open()
        try first.fill(20)
        try first.stop(reason: 9)
        let second = try house.open()
        #expect(second.identity == first.identity)
        #expect(second.run == 2)
        let records = try second.everything()
        #expect(coverage(records) == 1...23)
        #expect(records.compactMap(\.gap).isEmpty)
        #expect(records.compactMap(\.event).map(\.code) == [.runStarted, .runStopped, .runStarted])
        #expect(records.compactMap(\.event).map(\.a) == [1, 9, 2])
    }

    @Test("after a kill the next number is above the mark, and one gap covers what was reserved")
    func unclean() throws {
        let house = Storehouse()
        let first = try house.open()
        let last = try first.fill(20)
        let mark = try #require(SequenceMark(try house.bytes("seq.mark")))
        first.abandon()
        let second = try house.open()
        let records = try second.reader.records(after: last, limit: 10)
        #expect(
            records[0].gap
                == Gap(from: last + 1, why: .uncleanStop, timeMilliseconds: house.clock.milliseconds))
        #expect(records[0].seq == mark.seq)
        #expect(records[1].event?.code == .uncleanStopRecovered)
        #expect(records[1].event?.b == Int32(mark.seq - last))
        #expect(records[2].event?.code == .runStarted)
        #expect(second.identity == first.identity)
        #expect(coverage(try second.everything()) == 1...second.status.last)
    }

    @Test("runs killed one after the other never share a run, a number or a job")
    func manyKills() throws {
        let house = Storehouse()
        var jobs: Set<UInt32> = []
        var runs: Set<UInt32> = []
        for round in 0..<20 {
            let log = try house.open()
            #expect(runs.insert(log.run).inserted)
            for _ in 0..<round { #expect(jobs.insert(log.takeJob()).inserted) }
            try log.fill(round * 7)
            #expect(coverage(try log.everything()) == 1...log.status.last)
            log.abandon()
        }
    }

    @Test("a trigger accepted and never judged gets its one INVALID result before anything else")
    func pending() throws {
        let house = Storehouse()
        let first = try house.open()
        let trigger = Trigger(camera: 3, partNumber: 77, part: "p\"7", deadlineMilliseconds: 80)
        let lost = try first.answer { first.accept(trigger, $0) }
        let judged = try first.answer { first.accept(trigger, $0) }
        try first.commit([result(judged)])
        #expect(first.status.pending == 1)
        first.abandon()
        let second = try house.open()
        #expect(second.status.pending == 0)
        let results = try second.everything().filter { $0.run == 2 }.compactMap(\.result)
        #expect(results.map(\.job) == [lost])
        #expect(results[0].verdict == .invalid && results[0].reason == .uncleanStop)
        #expect((results[0].camera, results[0].partNumber, results[0].part) == (3, 77, "p\"7"))
        #expect(
            try second.everything().compactMap(\.event).first { $0.code == .uncleanStopRecovered }?.a == 1)
        #expect(try second.commit([result(lost)]).refused == [0])
    }

    @Test("a trigger still without a result at a clean stop is closed as stopped")
    func pendingAtStop() throws {
        let house = Storehouse()
        let first = try house.open()
        let job = try first.answer { first.accept(Trigger(camera: 1, deadlineMilliseconds: 5), $0) }
        try first.stop()
        let second = try house.open()
        let results = try second.everything().compactMap(\.result)
        #expect(results.map(\.job) == [job] && results[0].reason == .stopped)
        #expect(try second.count("SELECT count(*) FROM pending") == 0)
    }

    @Test("an older database put back is recognised: a new log above every number that was used")
    func olderDatabase() throws {
        let house = Storehouse()
        let first = try house.open()
        try first.fill(20)
        try first.stop()
        try house.copy("events.db", to: "backup")
        let second = try house.open()
        let used = try second.fill(300, each: 10)
        try second.stop()
        try house.copy("backup", to: "events.db")
        house.remove("events.db-wal")

        let third = try house.open()
        #expect(third.identity != first.identity)
        #expect(third.run == 3)
        #expect(third.status.setAside == ["events.db.older-1"])
        #expect(house.files.contains("events.db.older-1"))
        let records = try third.everything()
        #expect(records[0].gap?.why == .logRecreated)
        #expect(records[0].gap?.from == 1)
        #expect(records[0].seq >= used)
        #expect(records[1].event?.code == .logRecreated)
        #expect(third.takeJob() > 320)
    }

    @Test("a copy of the running database put back repeats no number either")
    func copyOfRunning() throws {
        let house = Storehouse()
        let first = try house.open()
        try first.fill(20)
        for name in ["events.db", "events.db-wal"] { try house.copy(name, to: name + ".backup") }
        let used = try first.fill(30)
        first.abandon()
        for name in ["events.db", "events.db-wal"] { try house.copy(name + ".backup", to: name) }
        let second = try house.open()
        let fresh = try second.everything().filter { $0.run == 2 && $0.gap == nil }
        #expect(fresh.allSatisfy { $0.seq > used })
    }

    @Test("a missing database begins a new log above the mark")
    func missingDatabase() throws {
        let house = Storehouse()
        let first = try house.open()
        let used = try first.fill(150)
        first.abandon()
        for name in house.files where name.hasPrefix("events.db") { house.remove(name) }
        let second = try house.open()
        #expect(second.run == 2)
        #expect(second.identity != first.identity)
        let records = try second.everything()
        #expect(records[0].gap?.why == .logRecreated && records[0].seq >= used)
        #expect(records[1].event?.code == .logRecreated)
    }

    @Test("a missing or damaged mark file is made again from the database")
    func missingMark() throws {
        let house = Storehouse()
        let first = try house.open()
        try first.fill(20)
        first.abandon()
        house.remove("seq.mark")
        let second = try house.open()
        #expect(second.identity == first.identity && second.run == 2)
        second.abandon()
        try house.write(Array("LWM1 nonsense".utf8), to: "seq.mark")
        let third = try house.open()
        #expect(third.identity == first.identity && third.run == 3)
        #expect(SequenceMark(try house.bytes("seq.mark"))?.run == 3)
        #expect(coverage(try third.everything()) == 1...third.status.last)
    }

    @Test("a crash between the database's mark and the second file's loses no record and repeats no number")
    func crashBetweenMarks() throws {
        let house = Storehouse()
        let first = try house.open()
        try first.fill(20)
        let mark = try house.bytes("seq.mark")
        try first.fill(200, each: 10)
        let used = first.status.last
        first.abandon()
        try house.write(mark, to: "seq.mark")
        let second = try house.open()
        #expect(second.identity == first.identity)
        #expect(try second.everything().filter { $0.run == 1 }.last?.seq == used)
        #expect(coverage(try second.everything()) == 1...second.status.last)
    }

    @Test("two writers cannot have one folder")
    func inUse() throws {
        let house = Storehouse()
        let log = try house.open()
        #expect(throws: EventLogError.inUse(folder: house.folder)) { try house.open() }
        try log.stop()
        try house.open().stop()
    }
}
