import EventStorage
import Events
import Testing

struct ReadingTests {
    @Test("pages of any size give the same records, ascending and without holes")
    func pages() throws {
        let house = Storehouse()
        let log = try house.open()
        try log.fill(50, each: 5)
        let all = try log.everything()
        for limit in [1, 2, 7, 50, 51, 1000] {
            var cursor: UInt64 = 0
            var read: [Record] = []
            while true {
                let page = try log.reader.page(after: cursor, limit: limit)
                if page.records.isEmpty { break }
                #expect(page.records.count <= limit)
                read += page.records
                cursor = page.cursor
            }
            #expect(read == all, "limit \(limit)")
        }
    }

    @Test("a cursor beyond the newest record is refused with where the log ends")
    func cursorAhead() throws {
        let house = Storehouse()
        let log = try house.open()
        #expect(try log.reader.records(after: 1, limit: 1) == [])
        #expect(throws: EventLogError.cursorAhead(last: 1)) { try log.reader.records(after: 2, limit: 1) }
        #expect(throws: EventLogError.cursorAhead(last: 1)) { try log.reader.records(after: .max, limit: 1) }
        #expect("\(EventLogError.cursorAhead(last: 7))".contains("after 7"))
    }

    @Test("only the kinds asked for come, and the cursor passes over the others")
    func kinds() throws {
        let house = Storehouse()
        let log = try house.open()
        let event = Record.Body.event(Event(.clockStep, severity: .info))
        try log.commit([result(1), event, event, result(2), event])
        let results = try log.reader.page(after: 0, limit: 10, kinds: .results)
        #expect(results.records.map(\.seq) == [2, 5])
        #expect(results.cursor == 6)
        let events = try log.reader.page(after: 0, limit: 2, kinds: .events)
        #expect(events.records.map(\.seq) == [1, 3])
        #expect(events.cursor == 3)
        let none = try log.reader.page(after: 5, limit: 10, kinds: .results)
        #expect(none.records == [] && none.cursor == 6)
    }

    @Test("numbers that no row covers come as a gap, the same each time it is read")
    func holes() throws {
        let house = Storehouse()
        let log = try house.open()
        try log.fill(20)
        try log.execute("DELETE FROM record WHERE seq BETWEEN 5 AND 8")
        let records = try log.everything()
        let gap = try #require(records.first { $0.gap != nil })
        #expect((gap.gap?.from, gap.seq, gap.gap?.why) == (5, 8, .storageError))
        #expect(coverage(records) == 1...21)
        house.clock.pass(milliseconds: 1000)
        #expect(try log.everything() == records)
        #expect(try log.reader.records(after: 5, limit: 1).first?.gap?.from == 6)
    }

    @Test("an old cursor gets one gap, or with strict the first number that is left")
    func oldCursor() throws {
        let house = Storehouse()
        let log = try house.open()
        try log.fill(20)
        try log.execute("DELETE FROM record WHERE seq < 11")
        let records = try log.reader.records(after: 3, limit: 100)
        #expect(records.first?.gap == Gap(from: 4, why: .retention, timeMilliseconds: 1_795_230_000_000))
        #expect(records.first?.seq == 10)
        #expect(coverage(records) == 4...21)
        #expect(throws: EventLogError.outOfRange(first: 11)) {
            try log.reader.page(after: 3, limit: 1, strict: true)
        }
        #expect(try log.reader.page(after: 10, limit: 1, strict: true).records.first?.seq == 11)
    }

    @Test("one number gives its record, the gap around it, or an error")
    func single() throws {
        let house = Storehouse()
        try house.open().abandon()
        let log = try house.open()
        let gap = try #require(try log.everything().first { $0.gap != nil })
        #expect(try log.reader.record(at: gap.seq).gap == gap.gap)
        #expect(try log.reader.record(at: gap.gap!.from).gap == gap.gap)
        for seq in [0, log.status.last + 1, .max] as [UInt64] {
            #expect(throws: EventLogError.notFound(seq: seq)) { try log.reader.record(at: seq) }
        }
    }

    @Test("another process reads beside the writer, and after it")
    func otherProcess() throws {
        let house = Storehouse()
        let log = try house.open()
        try log.fill(5)
        let reader = try RecordReader(folder: house.folder)
        #expect(try reader.records(after: 0, limit: 100) == log.everything())
        try log.fill(5)
        #expect(try reader.page(after: 0, limit: 1).last == 11)
    }

    @Test("a folder without a log is an error for a reader")
    func nothingThere() {
        #expect(throws: EventLogError.self) { try RecordReader(folder: "/tmp/linewatch-not-there") }
    }
}
