import Dispatch
import EventStorage
import Events
import Platform
import Testing

private func outcome(_ job: UInt32) -> Outcome {
    var outcome = Outcome()
    outcome.job = job
    outcome.camera = 1
    outcome.verdict = .ok
    outcome.reason = .none
    outcome.partLength = 2
    outcome.part[0] = UInt8(ascii: "A")
    outcome.part[1] = UInt8(ascii: "7")
    outcome.findingCount = 255
    return outcome
}

@Test("outcomes of two workers and events of others all become records, each worker's in its order")
func publishes() throws {
    let house = Storehouse()
    let log = try house.open()
    do {
        let rings = [Ring<Outcome>(capacity: 64), Ring<Outcome>(capacity: 64)]
        let newest = Guarded<UInt64>(0)
        let publisher = try Publisher(log: log, rings: rings) { seq in newest.change { $0 = seq } }
        for index in 0..<2_000 {
            let ring = rings[index % 2]
            while ring.push(outcome(UInt32(index + 1))) != nil { publisher.wake() }
            publisher.wake()
            if index % 100 == 0 { publisher.publish(.event(Event(.clockSynced, severity: .info))) }
        }
        publisher.finish()

        var records: [Record] = []
        while let page = try? log.reader.records(after: records.last?.seq ?? 0, limit: 500), !page.isEmpty {
            records += page
        }
        #expect(newest.value == records.last?.seq)
        let results = records.compactMap { record -> InspectionResult? in
            guard case .result(let result) = record.body else { return nil }
            return result
        }
        #expect(results.count == 2_000)
        #expect(results.allSatisfy { $0.part == "A7" })
        for parity in 0..<2 {
            let jobs = results.map(\.job).filter { $0 % 2 == UInt32(parity) }
            #expect(jobs == jobs.sorted())
        }
        let events = records.count {
            if case .event(let event) = $0.body { event.code == .clockSynced } else { false }
        }
        #expect(events == 20)
        #expect(publisher.health.lostCount == 0)
        try log.stop()
    }
}

@Test("an acknowledgement alone waits for something to ride with, everything else is committed at once")
func patience() throws {
    let house = Storehouse()
    var settings = Storehouse.settings
    // Longer than this test: what may wait does so until a record comes.
    settings.groupCommit = .seconds(3_000)
    let log = try house.open(settings)
    let publisher = try Publisher(log: log, rings: []) { _ in }
    let registered = DispatchSemaphore(value: 0), acknowledged = DispatchSemaphore(value: 0)
    let isAcknowledged = Guarded(false)
    log.register("plc1", uid: 1) { _ in registered.signal() }
    registered.wait()
    log.acknowledge("plc1", 1) { _ in
        isAcknowledged.change { $0 = true }
        acknowledged.signal()
    }
    let marked = DispatchSemaphore(value: 0)
    let before = isAcknowledged.value
    publisher.publish(.event(Event(.clockSynced, severity: .info)))
    log.drop("nobody") { _ in marked.signal() }
    marked.wait()
    acknowledged.wait()
    #expect(!before && isAcknowledged.value)
    publisher.finish()
}

@Test("an acknowledgement that waits in vain is committed when its time is over, or the publisher ends")
func patienceEnds() throws {
    let house = Storehouse()
    var settings = Storehouse.settings
    settings.groupCommit = .milliseconds(2)
    let log = try house.open(settings)
    let publisher = try Publisher(log: log, rings: []) { _ in }
    let done = DispatchSemaphore(value: 0)
    log.register("plc1", uid: 1) { _ in done.signal() }
    done.wait()
    log.acknowledge("plc1", 1) { _ in done.signal() }
    done.wait()
    log.acknowledge("plc1", 1) { _ in done.signal() }
    publisher.finish()
    #expect(done.wait(timeout: .now()) == .success)
    try log.stop()
}
