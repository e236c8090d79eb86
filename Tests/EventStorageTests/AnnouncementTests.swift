import EventStorage
import Events
import Platform
import Testing

/// Fast mode (LWP/1, P15): what the log shows before its commit.
struct AnnouncementTests {
    private func announced(
        _ bodies: [Record.Body], by log: EventLog
    ) -> (records: [Record], receipt: CommitReceipt?) {
        let shown = Guarded<[Record]>([])
        let receipt = try? log.commit(bodies) { record in shown.change { $0.append(record) } }
        return (shown.value, receipt)
    }

    @Test("what is announced is what is then committed, to the last field; refused results are not announced")
    func identical() throws {
        let house = Storehouse()
        let log = try house.open(boot: String(repeating: "ab", count: 16))
        let before = log.status.last
        let request = Guarded(false)
        log.register("plc1", uid: 1) { _ in request.change { $0 = true } }
        let (shown, receipt) = announced(
            [result(1), .event(Event(.clockSynced, severity: .info)), result(1), result(2, verdict: .ok)],
            by: log)
        #expect(request.value && receipt?.refused == [2] && shown.count == 3)
        #expect(try log.reader.records(after: before, limit: 9) == shown)
    }

    @Test("nothing announced is durable yet, and it is shown before COMMIT")
    func early() throws {
        let house = Storehouse()
        let log = try house.open()
        let before = log.status.last
        let seen = Guarded<[Int]>([])
        try log.commit([result(1), result(2)]) { _ in
            let count = (try? log.reader.records(after: before, limit: 9))?.count ?? -1
            seen.change { $0.append(count) }
        }
        #expect(seen.value == [0, 0])
    }

    @Test("numbers that were announced and whose commit failed go to a gap, and to nothing else")
    func failure() throws {
        let house = Storehouse()
        let log = try house.open()
        let job = try log.answer { log.accept(Trigger(camera: 1, deadlineMilliseconds: 9), $0) }
        let veto = Veto()
        try log.observe(veto)
        let before = log.status.last
        veto.isUp.change { $0 = true }
        let lost = announced([result(job), result(job + 1), result(job + 1)], by: log)
        #expect(lost.receipt == nil && lost.records.map(\.seq) == [before + 1, before + 2])
        // While it fails nothing more is shown: only a commit can say which numbers are used how.
        #expect(announced([result(job + 2)], by: log).records.isEmpty)
        veto.isUp.change { $0 = false }
        #expect(announced([result(job + 3)], by: log).records.isEmpty)
        let after = try log.reader.records(after: before, limit: 9)
        #expect(
            after[0].gap
                == Gap(from: before + 1, why: .storageError, timeMilliseconds: house.clock.milliseconds))
        #expect(after[0].seq == before + 4)
        #expect(after.dropFirst().compactMap(\.result?.job) == [job, job + 3])
        #expect(after[1].result?.verdict == .invalid)
        let (shown, _) = announced([result(job + 4)], by: log)
        #expect(try log.reader.records(after: after.last!.seq, limit: 9) == shown && shown.count == 1)
    }

    @Test("a process that ends between announcement and commit leaves a gap over the number")
    func killed() throws {
        let house = Storehouse()
        let log = try house.open()
        let veto = Veto()
        try log.observe(veto)
        veto.isUp.change { $0 = true }
        let shown = announced([result(1), result(2)], by: log).records
        #expect(shown.count == 2)
        log.abandon()
        let again = try house.open()
        for record in shown {
            let covering = try again.reader.record(at: record.seq)
            #expect(covering.gap?.why == .uncleanStop)
        }
    }

    @Test("the publisher announces what comes through rings and lists, in the order of the log")
    func publisher() throws {
        let house = Storehouse()
        let log = try house.open()
        let before = log.status.last
        let ring = Ring<Outcome>(capacity: 64)
        let shown = Guarded<[Record]>([])
        let publisher = try Publisher(
            log: log, rings: [ring], announced: { record in shown.change { $0.append(record) } },
            committed: { _ in })
        for job in 1...200 as ClosedRange<UInt32> {
            var outcome = Outcome()
            (outcome.job, outcome.camera, outcome.verdict, outcome.reason) = (job, 1, .ng, .anomaly)
            while ring.push(outcome) != nil { publisher.wake() }
            publisher.wake()
            if job % 20 == 0 { publisher.publish(.event(Event(.clockSynced, severity: .info))) }
        }
        publisher.finish()
        #expect(shown.value.count == 210)
        #expect(try log.reader.records(after: before, limit: 999) == shown.value)
    }
}
