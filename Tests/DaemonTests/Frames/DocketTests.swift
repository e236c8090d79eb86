import Daemon
import Events
import Platform
import Testing

@Suite("the docket of a camera")
struct DocketTests {
    @Test("gives every trigger exactly one end, and no ticket twice, whatever the order of the steps")
    func interleavings() {
        for seed in 1...200 as ClosedRange<UInt64> {
            var play = DocketPlay(seed: seed)
            for _ in 0..<400 { play.step() }
            play.settle()
            #expect(play.faults.isEmpty, "seed \(seed): \(play.faults)")
            #expect(play.endCount == play.jobCount && play.docket.count == 0, "seed \(seed)")
            #expect(play.docket.collect(now: .max, closing: true) { _ in } == .max)
        }
    }

    @Test("says when the next thing is due")
    func nextDeadline() throws {
        let docket = Docket(capacity: 3)
        #expect(docket.collect(now: 0, closing: false) { _ in } == .max)
        let ticket = try #require(docket.open(Self.trigger(1, deadline: 500)))
        let reserved = try #require(docket.reserve())
        #expect(docket.collect(now: 0, closing: false) { _ in } == 500)
        docket.await(reserved, Self.trigger(2, deadline: 900), frameDeadline: 300)
        #expect(docket.collect(now: 299, closing: false) { _ in } == 300)
        // With its frame there, the verdict is what is waited for.
        #expect(docket.take(frameOf: 10) { $0.encoder = 7 } == reserved)
        #expect(docket.trigger(reserved)?.encoder == 7 && docket.deadline(reserved) == 900)
        #expect(docket.collect(now: 400, closing: true) { _ in Issue.record("nothing is due") } == 500)
        #expect(docket.finish(ticket, score: 1, microseconds: 1))
        #expect(docket.finish(reserved, score: 1, microseconds: 1))
    }

    @Test("gives a frame to the longest-waiting trigger that came before its exposure")
    func oldestFirst() throws {
        let docket = Docket(capacity: 4)
        let tickets = try [30, 10, 20].map { time in
            let ticket = try #require(docket.reserve())
            docket.await(ticket, Self.trigger(UInt32(time), triggered: time), frameDeadline: 1_000)
            return ticket
        }
        #expect(docket.take(frameOf: 9) { _ in } == nil)
        #expect(docket.take(frameOf: 25) { _ in } == tickets[1])
        #expect(docket.take(frameOf: 25) { _ in } == tickets[2])
        #expect(docket.take(frameOf: 25) { _ in } == nil)
        #expect(docket.take(frameOf: 30) { _ in } == tickets[0])
    }

    @Test("keeps the score of a verdict that comes after its deadline for the supervisor")
    func late() throws {
        let docket = Docket(capacity: 1)
        let ticket = try #require(docket.open(Self.trigger(9, deadline: 100)))
        var forced: [UInt32] = [], late: [UInt32] = []
        func note(_ overdue: Docket.Overdue) {
            switch overdue {
            case .verdict(let trigger): forced.append(trigger.job)
            case .late(let trigger, let score, let time): late += [trigger.job, score, time]
            case .frame: Issue.record("its frame is there")
            }
        }
        _ = docket.collect(now: 100, closing: false, note)
        #expect(forced == [9] && docket.trigger(ticket) == nil && docket.open(Self.trigger(10)) == nil)
        #expect(!docket.finish(ticket, score: 12_345, microseconds: 678))
        _ = docket.collect(now: 100, closing: false, note)
        #expect(forced == [9] && late == [9, 12_345, 678] && docket.count == 0)
    }

    @Test("a part's name is cut between characters")
    func partNames() {
        var trigger = PendingTrigger()
        trigger.setPart(String(repeating: "ä", count: 30))
        #expect(trigger.partLength == 48)
        trigger.setPart("a" + String(repeating: "ä", count: 30))
        #expect(trigger.partLength == 47)
        let outcome = trigger.outcome(.deadline, now: 5_000)
        let name = (0..<Int(outcome.partLength)).map { outcome.part[$0] }
        #expect(name == Array(("a" + String(repeating: "ä", count: 23)).utf8))
        #expect(outcome.verdict == .invalid && outcome.latencyMicroseconds == 5)
    }

    static func trigger(_ job: UInt32, deadline: Int = .max, triggered: Int = 0) -> PendingTrigger {
        var trigger = PendingTrigger()
        (trigger.job, trigger.deadline, trigger.triggered) = (job, deadline, triggered)
        return trigger
    }
}

/// A docket, and what a careful clerk with paper and pencil knows of it.
private struct DocketPlay {
    let docket: Docket
    private(set) var faults: [String] = []
    private(set) var jobCount = 0
    private var random: SplitMix64
    private var now = 0
    /// Tickets in use, by what is known of them.
    private var reserved: Set<UInt16> = []
    private var awaited: [UInt16: (job: UInt32, triggered: Int, due: Int, deadline: Int)] = [:]
    private var inspecting: [UInt16: (job: UInt32, deadline: Int)] = [:]
    private var forced: [UInt16: UInt32] = [:]
    private var late: [UInt32: UInt32] = [:]
    private var ends: [UInt32: String] = [:]

    var endCount: Int { ends.count }

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
        docket = Docket(capacity: Int(seed % 7) + 1)
    }

    mutating func step() {
        now += Int.random(in: 0...20, using: &random)
        switch Int.random(in: 0..<9, using: &random) {
        case 0, 1: open()
        case 2:
            if let ticket = docket.reserve() { taken(ticket) { $0.reserved.insert(ticket) } } else { full() }
        case 3: accept()
        case 4: takeFrame()
        case 5, 6: if let ticket = inHand.randomElement(using: &random) { finish(ticket) }
        case 7: collect(closing: Int.random(in: 0..<8, using: &random) == 0)
        default: if let ticket = inHand.randomElement(using: &random) { withdraw(ticket) }
        }
        check(docket.count == reserved.count + awaited.count + inHand.count + late.count, "the count")
    }

    /// Everything in hand comes to its end.
    mutating func settle() {
        for ticket in reserved { docket.cancel(ticket) }
        reserved = []
        for ticket in inHand { finish(ticket) }
        collect(closing: true)
    }

    /// Frames that a worker has.
    private var inHand: [UInt16] { (Array(inspecting.keys) + Array(forced.keys)).sorted() }

    private mutating func check(_ isTrue: Bool, _ what: String) {
        if !isTrue { faults.append("\(what) at \(now)") }
    }

    private mutating func full() {
        check(
            reserved.count + awaited.count + inHand.count + late.count == docket.capacity, "refused with room"
        )
    }

    private mutating func taken(_ ticket: UInt16, _ note: (inout Self) -> Void) {
        let isUsed = reserved.contains(ticket) || awaited[ticket] != nil || inHand.contains(ticket)
        check(!isUsed && 1...docket.capacity ~= Int(ticket), "ticket \(ticket) given twice")
        note(&self)
    }

    private mutating func end(_ job: UInt32, _ how: String) {
        check(ends[job] == nil, "job \(job): \(ends[job] ?? "") and \(how)")
        ends[job] = how
    }

    private mutating func newTrigger() -> PendingTrigger {
        DocketTests.trigger(
            UInt32(jobCount + 1), deadline: now + Int.random(in: 0...200, using: &random), triggered: now)
    }

    private mutating func open() {
        let trigger = newTrigger()
        guard let ticket = docket.open(trigger) else { return full() }
        jobCount += 1
        taken(ticket) { $0.inspecting[ticket] = (trigger.job, trigger.deadline) }
    }

    private mutating func accept() {
        guard let ticket = reserved.min() else { return }
        reserved.remove(ticket)
        guard Bool.random(using: &random) else { return docket.cancel(ticket) }
        let trigger = newTrigger(), due = min(now + 50, trigger.deadline)
        jobCount += 1
        docket.await(ticket, trigger, frameDeadline: due)
        awaited[ticket] = (trigger.job, now, due, trigger.deadline)
    }

    private mutating func takeFrame() {
        let exposed = now - Int.random(in: 0...60, using: &random)
        let ticket = docket.take(frameOf: exposed) { $0.driverSequence = 77 }
        let waiting = awaited.filter { $0.value.triggered <= exposed }
        let oldest = waiting.map(\.value.triggered).min()
        guard let ticket, let trigger = awaited.removeValue(forKey: ticket) else {
            return check(ticket == nil && waiting.isEmpty, "a frame for nobody")
        }
        check(trigger.triggered == oldest, "not the oldest")
        check(docket.trigger(ticket)?.driverSequence == 77, "no header")
        inspecting[ticket] = (trigger.job, trigger.deadline)
    }

    private mutating func finish(_ ticket: UInt16) {
        let isInTime = docket.finish(ticket, score: 3, microseconds: 4)
        if let trigger = inspecting.removeValue(forKey: ticket) {
            check(isInTime, "in time")
            end(trigger.job, "worker")
        } else if let job = forced.removeValue(forKey: ticket) {
            check(!isInTime, "late")
            late[job] = 3
        }
    }

    private mutating func withdraw(_ ticket: UInt16) {
        let trigger = docket.withdraw(ticket)
        if let known = inspecting.removeValue(forKey: ticket) {
            check(trigger?.job == known.job, "withdrawn")
            end(known.job, "withdrawn")
        } else {
            forced[ticket] = nil
            check(trigger == nil, "withdrawn after its end")
        }
    }

    private mutating func collect(closing: Bool) {
        var verdicts: [UInt32] = [], frames: [UInt32] = [], lates: [UInt32: UInt32] = [:]
        let next = docket.collect(now: now, closing: closing) { overdue in
            switch overdue {
            case .verdict(let trigger): verdicts.append(trigger.job)
            case .frame(let trigger): frames.append(trigger.job)
            case .late(let trigger, let score, _): lates[trigger.job] = score
            }
        }
        let now = now
        for (ticket, trigger) in inspecting.filter({ $0.value.deadline <= now }) {
            inspecting[ticket] = nil
            forced[ticket] = trigger.job
            check(verdicts.contains(trigger.job), "job \(trigger.job) is due")
        }
        for (ticket, trigger) in awaited.filter({ closing || $0.value.due <= now }) {
            awaited[ticket] = nil
            check(frames.contains(trigger.job), "job \(trigger.job) has no frame")
        }
        check(lates == late, "late")
        late = [:]
        for job in verdicts { end(job, "forced") }
        for job in frames { end(job, "no frame") }
        let left = inspecting.values.map(\.deadline) + awaited.values.map(\.due)
        check(next == left.min() ?? .max, "next \(next)")
    }
}
