import EventStorage
import Events
import Testing

struct RetentionTests {
    private func limits(records: Int = 1_000_000, bytes: Int = 1 << 40, days: Int = 3000) -> StoreSettings {
        var settings = Storehouse.settings
        (settings.records, settings.bytes, settings.days) = (records, bytes, days)
        return settings
    }

    private func settle(_ log: EventLog) throws { while try log.maintain() {} }

    @Test("by count: the limit holds exactly, the oldest go first, and the rest is whole")
    func count() throws {
        let house = Storehouse()
        let log = try house.open(limits(records: 1000))
        try log.fill(1700, each: 10)
        try settle(log)
        #expect(log.status.count == 1000)
        #expect(log.status.first == log.status.last - 999)
        let records = try log.everything()
        #expect(records.first?.gap?.why == .retention && records.first?.gap?.from == 1)
        #expect(coverage(records) == 1...log.status.last)
        #expect(try log.count("SELECT count(*) FROM record") == 1000)
    }

    @Test("by size: pages in use stay within one hundredth of the limit")
    func bytes() throws {
        let house = Storehouse()
        let limit = 1 << 20
        let log = try house.open(limits(bytes: limit))
        for _ in 0..<60 {
            try log.fill(200, each: 200)
            try settle(log)
        }
        let used = try log.count(
            "SELECT (p.page_count - f.freelist_count) * 4096 FROM pragma_page_count p, pragma_freelist_count f"
        )
        #expect(used <= limit + limit / 100)
        #expect(used > limit / 2)
        #expect(log.status.first > 1)
        #expect(
            coverage(try log.reader.records(after: log.status.first - 1, limit: .max / 2))?.count
                == log.status.count)
    }

    @Test("by age: what is too old goes, and nothing else")
    func age() throws {
        let house = Storehouse()
        let log = try house.open(limits(days: 2))
        let old = try log.commit((1...700).map { aged($0, house) }).last
        house.clock.pass(days: 1)
        try log.commit((701...800).map { aged($0, house) })
        house.clock.pass(days: 1, milliseconds: 1)
        try settle(log)
        #expect(log.status.first == old + 1)
        house.clock.pass(days: 9)
        try settle(log)
        #expect(log.status.count == 1, "the newest record stays: it carries the numbering")
    }

    private func aged(_ job: UInt32, _ house: Storehouse) -> Record.Body {
        var result = InspectionResult(job: job, camera: 1, verdict: .ok, reason: .none)
        result.timeMilliseconds = house.clock.milliseconds
        result.monotonicNanoseconds = house.clock.nanoseconds
        return .result(result)
    }

    @Test("a stepped clock expires nothing, neither of this run nor of earlier ones")
    func steppedClock() throws {
        let house = Storehouse()
        var log = try house.open(limits(days: 2))
        try log.commit((1...50).map { aged($0, house) })
        try log.stop()
        log = try house.open(limits(days: 2))
        try log.commit((51...100).map { aged($0, house) })
        for step in [3_600_000, -7_200_000, 400 * 86_400_000] as [Int64] {
            house.clock.step(milliseconds: step)
            try settle(log)
            #expect(log.status.first == 1, "step \(step)")
        }
    }

    @Test("what a consumer has not acknowledged is held up to twice the limit, then it goes with one event")
    func hold() throws {
        let house = Storehouse()
        let log = try house.open(limits(records: 1000))
        _ = try log.answer { log.register("plc1", uid: 1, $0) }
        try log.fill(1990, each: 10)
        try settle(log)
        #expect(log.status.first == 2, "record 1 was before the consumer's time")
        try log.fill(700, each: 10)
        try settle(log)
        #expect(log.status.count <= 2000)
        #expect(log.status.first > 2)
        let records = try log.reader.records(after: 1, limit: .max / 2)
        #expect(records[0].gap?.why == .retention)
        var overruns = records.compactMap(\.event).filter { $0.code == .consumerOverrun }
        #expect(overruns.count == 1)
        #expect(overruns[0].a > 0 && overruns[0].detail == "{\"consumer\":\"plc1\"}")

        // Once it has caught up, the soft limit holds again, and a new overrun would be told again.
        _ = try log.answer { log.acknowledge("plc1", log.status.last, $0) }
        try settle(log)
        #expect(log.status.count == 1000)
        try log.fill(2500, each: 10)
        try settle(log)
        overruns = try log.everything().compactMap(\.event).filter { $0.code == .consumerOverrun }
        #expect(overruns.count == 1)
    }

    @Test("records go one by one as the slowest consumer acknowledges them")
    func slowest() throws {
        let house = Storehouse()
        let log = try house.open(limits(records: 1000))
        for name in ["slow", "fast"] { _ = try log.answer { log.register(name, uid: 1, $0) } }
        try log.fill(1500, each: 10)
        _ = try log.answer { log.acknowledge("fast", log.status.last, $0) }
        _ = try log.answer { log.acknowledge("slow", 100, $0) }
        try settle(log)
        #expect(log.status.first == 101)
    }

    @Test("a consumer silent for too long loses its hold, not its cursor")
    func expiry() throws {
        let house = Storehouse()
        let log = try house.open(limits(records: 1000))
        _ = try log.answer { log.register("plc1", uid: 1, $0) }
        try log.fill(1500, each: 10)
        try settle(log)
        #expect(log.status.first == 2)
        house.clock.pass(days: 14)
        try settle(log)
        #expect(log.status.count == 1000)
        #expect(log.consumer("plc1")?.acked == 1)
        #expect(try log.everything().compactMap(\.event).allSatisfy { $0.code != .consumerOverrun })
    }

    @Test("counts are right again after a restart")
    func restart() throws {
        let house = Storehouse()
        var log = try house.open(limits(records: 1000))
        try log.fill(1500, each: 10)
        try settle(log)
        try log.stop()
        log = try house.open(limits(records: 1000))
        #expect(log.status.count == 1002)
        #expect(log.status.first == log.status.last - 1001)
        try settle(log)
        #expect(log.status.count == 1000)
    }
}
