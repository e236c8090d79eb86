import EventStorage
import Events
import Platform
import Testing

struct DamageTests {
    /// A cleanly stopped log of some hundred records.
    private func filled() throws -> Storehouse {
        let house = Storehouse()
        let log = try house.open()
        try log.fill(400, each: 20)
        try log.stop()
        return house
    }

    @Test("a file that is no database is set aside with its bytes, and a new log begins above the mark")
    func notADatabase() throws {
        let house = try filled()
        let nonsense = Array(repeating: UInt8(ascii: "x"), count: 5000)
        try house.write(nonsense, to: "events.db")
        let log = try house.open()
        #expect(log.status.setAside == ["events.db.damaged-1"])
        #expect(try house.bytes("events.db.damaged-1") == nonsense)
        let records = try log.everything()
        #expect(records[0].gap?.why == .logRecreated)
        #expect(records[1].event?.code == .logRecreated)
        #expect(records[1].event?.detail.contains("events.db.damaged-1") == true)
        #expect(records[0].seq >= 402)
        try log.fill(5)
    }

    @Test("an empty file in the database's place begins a new log above the mark")
    func empty() throws {
        let house = try filled()
        try house.write([], to: "events.db")
        let log = try house.open()
        #expect(try log.everything()[0].gap?.why == .logRecreated)
    }

    @Test("a database cut at any page is set aside, or read without a hole")
    func cut() throws {
        let house = try filled()
        let bytes = try house.bytes("events.db")
        for length in stride(from: 4096, to: bytes.count, by: 4096 * 5) {
            let copy = Storehouse()
            try move(house, into: copy)
            try copy.write(Array(bytes.prefix(length)), to: "events.db")
            let log = try copy.open()
            #expect(!log.status.setAside.isEmpty, "cut at \(length)")
            #expect(coverage(try log.everything()) == 1...log.status.last)
        }
    }

    @Test(
        "a database with flipped bytes is set aside or read with errors, never with a trap; and writing goes on"
    )
    func flipped() throws {
        let house = try filled()
        let bytes = try house.bytes("events.db")
        var random = SplitMix64(seed: 3)
        for round in 0..<(isLong ? 1000 : 40) {
            var copy = bytes
            for _ in 0..<Int.random(in: 1...64, using: &random) {
                // The first pages hold what everything else hangs on.
                let end = round % 2 == 0 ? copy.count : 4096 * 4
                copy[Int.random(in: 0..<end, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let other = Storehouse()
            try move(house, into: other)
            try other.write(copy, to: "events.db")
            do {
                let log = try other.open()
                _ = try? log.everything()
                _ = try? log.commit([result(log.takeJob())])
                _ = try? log.maintain()
                _ = try? log.stop()
            } catch let error as EventLogError {
                // A schema number may have been hit.
                guard case .schemaNewer = error else { throw error }
            }
        }
    }

    @Test("a table that is not as it was made is set aside, whatever the check of its pages says")
    func schemaText() throws {
        let house = Storehouse()
        let first = try house.open()
        try first.fill(3)
        try first.execute("PRAGMA writable_schema = ON")
        try first.execute(
            "UPDATE sqlite_schema SET sql = replace(sql, 'detail TEXT', 'detbil TEXT') WHERE name = 'record'")
        try first.execute("PRAGMA writable_schema = OFF")
        first.abandon()
        let log = try house.open()
        #expect(log.status.setAside == ["events.db.damaged-1"])
        #expect(try log.everything()[1].event?.detail.contains("schema of 'record'") == true)
    }

    @Test("set-aside databases keep their own names")
    func severalTimes() throws {
        let house = try filled()
        for number in 1...3 {
            try house.write([1, 2, 3], to: "events.db")
            let log = try house.open()
            #expect(log.status.setAside == ["events.db.damaged-\(number)"])
            try log.stop()
        }
        #expect(
            house.files.filter { $0.contains("damaged") && !$0.contains("-wal") && !$0.contains("-shm") }
                .count == 3)
    }

    @Test("a value that no writer can have meant is an error that names the record and the column")
    func senseless() throws {
        let house = Storehouse()
        let log = try house.open()
        try log.fill(3)
        try log.execute("UPDATE record SET reason = 99 WHERE seq = 3")
        do {
            _ = try log.everything()
            Issue.record("record 3 was read")
        } catch {
            #expect("\(error)".contains("record 3 has no valid 'reason'"))
        }
        for change in [
            "verdict = 2, job = -1", "score = 1 << 40", "detail = '{'", "x = 70000", "model = 'zz'",
        ] {
            try log.execute("UPDATE record SET reason = 30, \(change) WHERE seq = 3")
            #expect(throws: EventLogError.self, "\(change)") { try log.everything() }
        }
    }

    private func move(_ house: Storehouse, into other: Storehouse) throws {
        try other.open().stop()
        for name in other.files { other.remove(name) }
        try other.write(try house.bytes("seq.mark"), to: "seq.mark")
    }
}

struct SchemaTests {
    private var newer: Schema {
        var schema = Schema.current
        schema.migrations.append(
            .init("3 shifts", sql: "CREATE TABLE shift(id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT"))
        return schema
    }

    @Test("an upgrade keeps every record, and a copy until the first clean stop")
    func upgrade() throws {
        let house = Storehouse()
        let old = try house.open()
        try old.fill(50, each: 10)
        let records = try old.everything()
        old.abandon()
        var log = try house.open(schema: newer)
        #expect(Array(try log.everything().prefix(records.count)) == records)
        #expect(try log.count("SELECT count(*) FROM shift") == 0)
        #expect(house.files.contains("events.db.schema2"))
        log.abandon()
        log = try house.open(schema: newer)
        #expect(house.files.contains("events.db.schema2"))
        try log.stop()
        #expect(!house.files.contains("events.db.schema2"))
    }

    @Test("a newer schema is refused, nothing is changed, and the copy is named")
    func downgrade() throws {
        let house = Storehouse()
        try house.open().stop()
        try house.open(schema: newer).abandon()
        let before = try house.files.filter { !$0.hasSuffix("-shm") }.map { ($0, try house.bytes($0)) }
        do {
            _ = try house.open()
            Issue.record("a newer schema was opened")
        } catch EventLogError.schemaNewer(_, let found, let known, let copy) {
            #expect((found, known) == (3, 2))
            #expect(copy == house.folder + "/events.db.schema2")
        }
        for (name, bytes) in before { #expect(try house.bytes(name) == bytes, "\(name)") }
        try house.open(schema: newer).stop()
        #expect(throws: EventLogError.self) { try house.open() }
    }

    @Test("every table of the design is there")
    func tables() throws {
        let house = Storehouse()
        let log = try house.open()
        for table in [
            "meta", "record", "pending", "consumer", "calib", "image", "mark", "defect_type",
            "defect_embedding", "type_constraint", "type_map", "type_proposal", "shadow",
        ] {
            #expect(
                try log.count("SELECT count(*) FROM sqlite_schema WHERE name = '\(table)'") == 1, "\(table)")
        }
    }
}
