import EventStorage
import Events
import Testing

struct ConsumerTests {
    @Test("acknowledgements are cumulative, idempotent, never move back and never run ahead")
    func acknowledge() throws {
        let house = Storehouse()
        let log = try house.open()
        _ = try log.answer { log.register("plc1", uid: 1, $0) }
        try log.fill(20)
        #expect(try log.answer { log.acknowledge("plc1", 10, $0) } == 10)
        #expect(try log.answer { log.acknowledge("plc1", 5, $0) } == 10)
        #expect(try log.answer { log.acknowledge("plc1", 10, $0) } == 10)
        let last = log.status.last
        #expect(throws: EventLogError.cursorAhead(last: last)) {
            try log.answer { log.acknowledge("plc1", last + 1, $0) }
        }
        #expect(throws: EventLogError.cursorAhead(last: last)) {
            try log.answer { log.acknowledge("plc1", .max, $0) }
        }
        #expect(log.consumer("plc1")?.acked == 10)
        #expect(throws: EventLogError.unknownConsumer(name: "plc2")) {
            try log.answer { log.acknowledge("plc2", 1, $0) }
        }
    }

    @Test("a record of the commit that carries it cannot be acknowledged: nobody has seen it")
    func notYetSeen() throws {
        let house = Storehouse()
        let log = try house.open()
        _ = try log.answer { log.register("plc1", uid: 1, $0) }
        let told = Guarded<Result<UInt64, EventLogError>?>(nil)
        log.acknowledge("plc1", log.status.last + 1) { given in told.change { $0 = given } }
        try log.commit([result(1)])
        #expect(throws: EventLogError.cursorAhead(last: 1)) { try told.value?.get() }
    }

    @Test("a cursor survives a clean stop and a kill")
    func survives() throws {
        let house = Storehouse()
        var log = try house.open()
        _ = try log.answer { log.register("plc1", uid: 1000, $0) }
        try log.fill(20)
        _ = try log.answer { log.acknowledge("plc1", 15, $0) }
        try log.stop()
        log = try house.open()
        #expect(log.consumer("plc1")?.acked == 15)
        _ = try log.answer { log.acknowledge("plc1", 17, $0) }
        log.abandon()
        log = try house.open()
        #expect(log.consumers.map(\.name) == ["plc1"])
        #expect(log.consumers[0].acked == 17 && log.consumers[0].uid == 1000)
    }

    @Test("a new consumer begins at the end of the log, and finds its cursor when it comes again")
    func register() throws {
        let house = Storehouse()
        let log = try house.open()
        try log.fill(20)
        #expect(try log.answer { log.register("plc1", uid: 1, $0) }.acked == 21)
        try log.fill(5)
        #expect(try log.answer { log.register("plc1", uid: 1, $0) }.acked == 21)
    }

    @Test("a name belongs to the user who first used it")
    func foreign() throws {
        let house = Storehouse()
        let log = try house.open()
        _ = try log.answer { log.register("plc1", uid: 1, $0) }
        #expect(throws: EventLogError.foreignConsumer(name: "plc1")) {
            try log.answer { log.register("plc1", uid: 2, $0) }
        }
        #expect(log.consumer("plc1")?.uid == 1)
    }

    @Test("the 33rd consumer is refused, until one is dropped")
    func limit() throws {
        let house = Storehouse()
        let log = try house.open()
        for number in 0..<32 { _ = try log.answer { log.register("c\(number)", uid: 1, $0) } }
        #expect(throws: EventLogError.tooManyConsumers(limit: 32)) {
            try log.answer { log.register("more", uid: 1, $0) }
        }
        _ = try log.answer { log.register("c5", uid: 1, $0) }
        try log.answer { log.drop("c5", $0) }
        #expect(throws: EventLogError.unknownConsumer(name: "c5")) { try log.answer { log.drop("c5", $0) } }
        _ = try log.answer { log.register("more", uid: 1, $0) }
        #expect(log.consumers.count == 32)
    }

    @Test("a refused request leaves the others of its commit alone")
    func others() throws {
        let house = Storehouse()
        let log = try house.open()
        let told = Guarded<[Bool]>([])
        log.register("plc1", uid: 1) { outcome in told.change { $0.append((try? outcome.get()) != nil) } }
        log.acknowledge("nobody", 1) { outcome in told.change { $0.append((try? outcome.get()) != nil) } }
        log.acknowledge("plc1", 1) { outcome in told.change { $0.append((try? outcome.get()) != nil) } }
        try log.commit([result(1)])
        #expect(told.value == [true, false, true])
        #expect(log.status.last == 2)
    }

    @Test("marks and late scores stand beside the result and do not change it")
    func marks() throws {
        let house = Storehouse()
        let log = try house.open()
        let seq = try log.commit([result(1)]).last
        let mark = Mark(seq: seq, verdict: .ok, absorb: true, box: Box(), uid: 5)
        try log.answer { log.mark(mark, $0) }
        try log.answer { log.mark(mark, $0) }
        try log.answer { log.add(.init(score: 9, latencyMicroseconds: 8), to: seq, $0) }
        #expect(try log.count("SELECT count(*) FROM mark WHERE seq = \(seq) AND absorb = 1") == 1)
        let read = try #require(try log.reader.record(at: seq).result)
        #expect(read.verdict == .ng && read.late == .init(score: 9, latencyMicroseconds: 8))
        for unknown in [1, 99, .max] as [UInt64] {  // 1 is an event
            let mark = Mark(seq: unknown, verdict: .ok, absorb: false, box: Box(), uid: 5)
            #expect(throws: EventLogError.notFound(seq: unknown)) { try log.answer { log.mark(mark, $0) } }
        }
    }
}
