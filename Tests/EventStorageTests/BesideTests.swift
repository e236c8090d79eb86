import EventStorage
import Events
import Testing

/// What is stored beside a result after its commit.
struct BesideTests {
    private let late = InspectionResult.Late(score: 9_000, latencyMicroseconds: 120_000)

    @Test("a late score finds its result by the job, also one that is only in the commit after")
    func lateByJob() throws {
        let house = Storehouse()
        let log = try house.open()
        let seq = try log.commit([result(7)]).last
        #expect(try log.reader.seq(ofJob: 7) == seq)
        #expect(try log.reader.seq(ofJob: 8) == nil)
        try log.answer { log.add(late, toJob: 7, $0) }
        #expect(try log.reader.record(at: seq).result?.late == late)

        let answer = Guarded<Result<Void, EventLogError>?>(nil)
        log.add(late, toJob: 8) { given in answer.change { $0 = given } }
        try log.commit([])
        #expect(answer.value == nil, "the result may be on its way")
        let next = try log.commit([result(8)]).last
        guard case .success? = answer.value else { throw EventLogError.unknownJob(8) }
        #expect(try log.reader.record(at: next).result?.late == late)
    }

    @Test("a late score of a job without a result is refused by the job's number")
    func lateWithoutResult() throws {
        let house = Storehouse()
        let log = try house.open()
        let answer = Guarded<Result<Void, EventLogError>?>(nil)
        log.add(late, toJob: 9) { given in answer.change { $0 = given } }
        try log.commit([])
        try log.commit([])
        guard case .failure(.unknownJob(9))? = answer.value else {
            Issue.record("answered \(String(describing: answer.value))")
            return
        }
    }

    @Test("words of a shadow model are counted, and how often it thought otherwise, without INVALID results")
    func shadow() throws {
        let house = Storehouse()
        let log = try house.open()
        let verdicts: [Verdict] = [.ok, .ng, .ng, .invalid]
        let last = try log.commit(
            verdicts.enumerated().map { index, verdict in result(UInt32(index) + 1, verdict: verdict) }
        ).last
        for seq in last - 3...last {
            try log.answer {
                log.addShadow(
                    seq: seq, model: "abc", score: 1, verdict: .ng, latencyMicroseconds: 5, $0)
            }
        }
        #expect(try log.reader.shadowReport(model: "abc") == (3, 1))
        #expect(try log.reader.shadowReport(model: "other") == (0, 0))
        try log.answer {
            log.addShadow(toJob: 2, model: "abc", score: 1, verdict: .ok, latencyMicroseconds: 5, $0)
        }
        #expect(try log.reader.shadowReport(model: "abc") == (3, 2), "a second word replaces the first")
        #expect(throws: EventLogError.notFound(seq: last + 1)) {
            try log.answer {
                log.addShadow(
                    seq: last + 1, model: "abc", score: 1, verdict: .ok, latencyMicroseconds: 5, $0)
            }
        }
    }

    @Test(
        "defects that were marked are found by the model that judged them, the newest first, without what has no score"
    )
    func markedDefects() throws {
        let house = Storehouse()
        let log = try house.open()
        let bodies: [Record.Body] = (1...5).map { number in
            guard case .result(var judged) = result(UInt32(number), verdict: number == 5 ? .invalid : .ok)
            else {
                return result(UInt32(number))
            }
            judged.model = number == 4 ? 0xBBBB : 0xAAAA
            judged.rawScore = number == 5 ? nil : Float(number) / 8
            return .result(judged)
        }
        let last = try log.commit(bodies).last
        let box = Box(x: 4, y: 5, width: 6, height: 7)
        for (seq, verdict) in zip(last - 4...last, [Verdict.ng, .ok, .ng, .ng, .ng]) {
            let mark = Mark(seq: seq, verdict: verdict, absorb: false, box: box, uid: 1)
            try log.answer { log.mark(mark, $0) }
        }
        let found = try log.reader.markedDefects(model: 0xAAAA, limit: 10)
        #expect(
            found == [
                MarkedDefect(seq: last - 2, score: 0.375, box: box),
                MarkedDefect(seq: last - 4, score: 0.125, box: box),
            ])
        #expect(try log.reader.markedDefects(model: 0xAAAA, limit: 1) == [found[0]])
        #expect(try log.reader.markedDefects(model: 0xCCCC, limit: 10) == [])
    }

    @Test("words of a shadow model go with their records")
    func shadowRetention() throws {
        let house = Storehouse()
        var settings = Storehouse.settings
        settings.records = 1_000
        let log = try house.open(settings)
        let first = try log.commit([result(log.takeJob())]).last
        try log.answer {
            log.addShadow(seq: first, model: "m", score: 1, verdict: .ok, latencyMicroseconds: 5, $0)
        }
        try log.fill(1_100, each: 100)
        while try log.maintain() {}
        #expect(log.status.first > first)
        #expect(try log.count("SELECT count(*) FROM shadow") == 0)
    }

    @Test("an operator's mark is read back with its record, and alone")
    func mark() throws {
        let house = Storehouse()
        let log = try house.open()
        let seq = try log.commit([result(1)]).last
        #expect(try log.reader.mark(of: seq) == nil)
        let box = Box(x: 1, y: 2, width: 3, height: .max)
        let mark = Mark(seq: seq, verdict: .ng, absorb: true, box: box, uid: .max)
        try log.answer { log.mark(mark, $0) }
        #expect(try log.reader.mark(of: seq) == mark)
        let marked = try log.reader.record(at: seq).result?.mark
        #expect(marked == .init(verdict: .ng, box: box, absorb: true))
    }

    @Test("a page reads the same before and after something was stored beside its records")
    func repeatable() throws {
        let house = Storehouse()
        let log = try house.open()
        var settings = ImageStore.Settings()
        settings.minimumFreeBytes = 0
        let images = try ImageStore(log, settings: settings)
        let seq = try log.commit([result(1)]).last
        let before = try log.everything()
        try log.answer { log.add(late, toJob: 1, $0) }
        try log.answer { log.mark(Mark(seq: seq, verdict: .ok, absorb: false, box: Box(), uid: 1), $0) }
        for kind in [ImageStore.Kind.frame, .map] {
            _ = try images.save([1, 2], digest: [9], seq: seq, kind: kind, format: .png)
        }
        try log.commit([])
        #expect(try log.everything() == before)
        let result = try #require(try log.reader.record(at: seq).result)
        #expect(result.image == 1 && result.map == 2 && result.late == late && result.mark != nil)
        let map = try #require(try images.file(id: 2))
        #expect(map == (try images.file(seq: seq, kind: .map)))
        #expect(map.kind == .map && map.format == .png && map.digest == [9] && map.seq == seq)
        #expect(try map.bytes() == [1, 2])
        #expect(try images.file(id: 3) == nil)
        #expect(try images.file(seq: seq, kind: .crop) == nil)
    }

    @Test(
        "a picture that went since its row was read is an error, and a path out of the folder is none of ours"
    )
    func goneFile() throws {
        let house = Storehouse()
        let log = try house.open()
        var settings = ImageStore.Settings()
        settings.minimumFreeBytes = 0
        let images = try ImageStore(log, settings: settings)
        _ = try images.save([1], digest: [], seq: 1, kind: .frame, format: .jpeg)
        try log.commit([])
        let file = try #require(try images.file(seq: 1, kind: .frame))
        house.remove("images/2026/11/21/1.frame.jpg")
        #expect(throws: EventLogError.self) { try file.bytes() }
        for path in ["images/../../x.jpg", "/etc/x.jpg", "images/1.txt"] {
            try log.execute("UPDATE image SET path = '\(path)'")
            #expect(throws: EventLogError.self) { try images.file(id: file.id) }
        }
    }

    @Test("each record names the boot in which its run was, also after a restart in another")
    func boots() throws {
        let house = Storehouse()
        let boots = [
            "", String(repeating: "a1", count: 16), "0f0e0d0c-0b0a-0908-0706-050403020100", "no boot id",
        ]
        var expected: [String] = []
        for boot in boots {
            let log = try house.open(boot: boot)
            try log.commit([result(log.takeJob())])
            try log.stop()
            expected.append(boot.contains(" ") ? "" : boot)
        }
        let log = try house.open()
        let found = try log.everything().compactMap { record in record.result.map { _ in record.boot } }
        #expect(found == expected)
        try log.execute("DELETE FROM record WHERE run < 3")
        log.abandon()
        let after = try house.open()
        #expect(try after.count("SELECT count(*) FROM meta WHERE k LIKE 'boot %'") == 1)
    }
}
