import EventStorage
import Events
import Platform
import Testing

struct RecordTailTests {
    /// Whether memory gives what the database gives for every cursor that it answers; returns from which one on
    /// it does.
    private func agree(_ log: EventLog, limits: [Int] = [1, 2, 3, 7, 32, 5_000]) throws -> UInt64 {
        let last = log.status.last
        let start = try #require((0...last).first { log.recent(after: $0, limit: 1) != nil })
        for after in start...last {
            for limit in limits {
                let recent = try #require(log.recent(after: after, limit: limit))
                let stored = try log.reader.records(after: after, limit: limit)
                // In words too: zeros of either sign are equal and no reader's line shows them alike.
                #expect(recent == stored && "\(recent)" == "\(stored)", "after \(after), limit \(limit)")
            }
        }
        #expect(log.recent(after: last + 1, limit: 1) == nil)
        return start
    }

    /// Anything that a caller may hand over, the odd values included.
    private func body(_ random: inout SplitMix64, _ log: EventLog) -> Record.Body {
        if random.next() % 4 == 0 {
            var event = Event(EventCode.allCases.randomElement(using: &random)!, severity: .notice)
            event.camera = UInt8(random.next() % 33)
            (event.a, event.b) = (.random(in: .min ... .max, using: &random), .min)
            event.flags = RecordFlags(rawValue: UInt16(random.next() % 0x800))
            event.detail = ["", "{\"a\":1}", "{\"ü\":\"\u{0}\"}"].randomElement(using: &random)!
            return .event(event)
        }
        let verdict = Verdict.allCases.randomElement(using: &random)!
        let reason = Reason.allCases.randomElement(using: &random)!
        // Now and then a job for a second time: that one is refused.
        let job = random.next() % 16 == 0 ? 1 : log.takeJob()
        var result = InspectionResult(job: job, camera: 3, verdict: verdict, reason: reason)
        let odd: [Float?] = [nil, 0.25, -0.0, .nan, .infinity, -.infinity, .leastNonzeroMagnitude, 1e30]
        result.rawScore = odd.randomElement(using: &random)!
        result.rawThreshold = odd.randomElement(using: &random)!
        result.millimetres = odd.randomElement(using: &random)!
        result.pixelsPerMillimetre = odd.randomElement(using: &random)!
        result.part = ["", "A7", "ü-9", "cut\u{0}off"].randomElement(using: &random)!
        result.flags = RecordFlags(rawValue: UInt16(random.next() % 0x800))
        result.model = random.next()
        result.calibration = Int32(random.next() % 3)
        result.encoder = .random(in: .min ... .max, using: &random)
        result.stageMicroseconds = (0..<random.next() % 6).map { UInt32($0) }
        result.findings = Array(repeating: Finding(), count: Int(random.next() % 4))
        result.regions = Array(repeating: RegionVerdict(), count: Int(random.next() % 3))
        result.late = .init(score: 1, latencyMicroseconds: 2)
        result.image = 5
        return .result(result)
    }

    @Test("memory gives every page as the database gives it: odd values, refusals, gaps of lost commits")
    func samePages() throws {
        let house = Storehouse()
        let log = try house.open(boot: String(repeating: "ab", count: 16))
        let veto = Veto()
        try log.observe(veto)
        var random = SplitMix64(seed: 0x7A11)
        for turn in 0..<60 {
            veto.isUp.change { $0 = turn % 9 == 4 }
            let bodies = (0...random.next() % 5).map { _ in body(&random, log) }
            _ = try? log.commit(bodies)
        }
        veto.isUp.change { $0 = false }
        try log.commit([.event(Event(.clockSynced, severity: .info))])
        #expect(log.status.lost > 0 && log.status.refused > 0)
        #expect(try agree(log) == 1, "all but what was there at the start")
        let everything = try log.everything()
        #expect(coverage(everything) != nil && everything.contains { $0.gap != nil })
    }

    @Test("what a later request adds to a result changes no page of either")
    func later() throws {
        let house = Storehouse()
        let log = try house.open()
        let seq = try log.commit([result(7)]).last
        try log.answer { log.add(InspectionResult.Late(score: 1, latencyMicroseconds: 2), to: seq, $0) }
        _ = try agree(log)
    }

    @Test("a record is in memory only when its commit has returned, and never if that failed")
    func durableOnly() throws {
        let house = Storehouse()
        let log = try house.open()
        let before = log.status.last
        let veto = Veto()
        try log.observe(veto)
        let seen = Guarded<[[Record]?]>([])
        veto.willCommit.change { $0 = { seen.change { $0.append(log.recent(after: before, limit: 9)) } } }
        try log.commit([result(1)])
        #expect(seen.value == [[]], "asked while the commit was under way")
        veto.isUp.change { $0 = true }
        #expect(throws: (any Error).self) { try log.commit([result(2)]) }
        #expect(log.recent(after: before, limit: 9)?.compactMap(\.result?.job) == [1])
    }

    @Test("after a start memory begins where the log ends, and after a stop it says nothing")
    func reopening() throws {
        let house = Storehouse()
        let log = try house.open()
        try log.fill(5)
        let last = log.status.last
        log.abandon()
        #expect(log.recent(after: last, limit: 1) == nil)
        let again = try house.open()
        #expect(again.recent(after: 3, limit: 9) == nil)
        #expect(again.recent(after: again.status.last, limit: 9) == [])
        let end = again.status.last
        try again.fill(20, each: 2)
        #expect(try agree(again) == end)
        #expect(try again.records(after: 0, limit: 99) == again.everything(), "one way or the other")
    }

    @Test("a log that begins anew has nothing of the one that was set aside")
    func setAside() throws {
        let house = Storehouse()
        let log = try house.open()
        try log.fill(5)
        let identity = log.identity
        try log.stop()
        try house.write(Array("no database".utf8), to: "events.db")
        let again = try house.open()
        #expect(again.identity != identity)
        let end = again.status.last
        #expect(again.recent(after: end - 1, limit: 9) == nil)
        try again.fill(3)
        #expect(try agree(again) == end)
    }

    @Test("what retention has deleted is not in memory either")
    func retention() throws {
        let house = Storehouse()
        var settings = Storehouse.settings
        settings.records = 40
        let log = try house.open(settings)
        for _ in 0..<30 {
            try log.fill(5, each: 5)
            while try log.maintain() {}
            #expect(try agree(log, limits: [1, 64]) >= log.status.first - 1)
        }
        #expect(log.status.first > 100)
    }

    @Test("memory is bounded by records and by bytes")
    func bounds() throws {
        let house = Storehouse()
        let log = try house.open()
        try log.fill(2_100, each: 100)
        let last = log.status.last
        #expect(log.recent(after: last - 1_024, limit: 2_000)?.count == 1_024)
        #expect(log.recent(after: last - 1_025, limit: 2_000) == nil)

        var event = Event(.clockSynced, severity: .info)
        event.detail = String(repeating: "x", count: 300_000)
        for _ in 0..<10 { try log.commit([.event(event)]) }
        #expect(log.recent(after: last + 4, limit: 99) != nil)
        #expect(log.recent(after: last + 3, limit: 99) == nil, "7 texts of 300,000 bytes exceed 2 MiB")
        event.detail = String(repeating: "x", count: 3_000_000)
        let huge = try log.commit([.event(event)]).last
        #expect(log.recent(after: huge - 1, limit: 1) == nil)
        #expect(log.recent(after: huge, limit: 1) == [])
        try log.fill(3)
        #expect(try agree(log) == huge)
    }
}
