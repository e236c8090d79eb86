import Capture
import Daemon
import Imaging
import Platform
import Synchronization
import Testing

@Suite("the gate of a camera")
struct GateTests {
    private final class Jobs: Sendable {
        private let last = Atomic<UInt32>(100)
        func next() -> UInt32 { last.add(1, ordering: .relaxed).newValue }
    }

    private static func gate(_ docket: Docket, isSoftware: Bool = false) throws -> Gate {
        let jobs = Jobs()
        return Gate(
            camera: 3, docket: docket, isSoftware: isSoftware, alarm: try Alarm(), takeJob: { jobs.next() })
    }

    private static func header(_ sequence: UInt32, exposed: Int, lost: UInt32 = 0) -> FrameHeader {
        var header = FrameHeader()
        (header.sequence, header.lostCount) = (sequence, lost)
        (header.driverNanoseconds, header.arrivalNanoseconds) = (Int64(exposed), Int64(exposed + 2_000_000))
        header.encoder = Int32(sequence) * 10
        return header
    }

    @Test("frames of a camera that is not armed are nobody's")
    func disarmed() throws {
        let gate = try Self.gate(Docket(capacity: 2))
        #expect(gate.admit(Self.header(1, exposed: 1_000, lost: 5)) == .pass)
        #expect(gate.triggerCount.load(ordering: .relaxed) == 0 && gate.losses.count == 0)
    }

    @Test("a frame of an armed camera is a trigger of its own, and refused where the docket is full")
    func armed() throws {
        let docket = Docket(capacity: 2)
        let gate = try Self.gate(docket)
        gate.isArmed.store(true, ordering: .relaxed)
        gate.recipe.store(4, ordering: .relaxed)
        gate.deadline.store(30_000_000, ordering: .relaxed)
        let now = MonotonicClock.now
        var tickets: [UInt16] = []
        for sequence in 1...2 as ClosedRange<UInt32> {
            let admission = gate.admit(Self.header(sequence, exposed: now + Int(sequence)))
            guard case .inspect(let ticket) = admission else {
                Issue.record("\(admission)")
                return
            }
            tickets.append(ticket)
            let trigger = try #require(docket.trigger(ticket))
            #expect(trigger.job == 100 + sequence && trigger.camera == 3 && trigger.recipe == 4)
            #expect(trigger.triggered == now + Int(sequence) && trigger.exposed == Int64(trigger.triggered))
            #expect(trigger.deadline == trigger.triggered + 30_000_000)
            #expect(docket.deadline(ticket) == trigger.deadline)
            #expect(trigger.driverSequence == sequence && trigger.encoder == Int32(sequence) * 10)
        }
        #expect(tickets[0] != tickets[1])
        #expect(gate.admit(Self.header(3, exposed: now)) == .refuse)
        #expect(gate.triggerCount.load(ordering: .relaxed) == 3)
        #expect(docket.finish(tickets[0], score: 0, microseconds: 1))
        #expect(gate.admit(Self.header(4, exposed: now)) == .inspect(ticket: tickets[0]))
    }

    @Test("frames that the driver lost are triggers as well, and wait to be told of")
    func losses() throws {
        let gate = try Self.gate(Docket(capacity: 9))
        gate.isArmed.store(true, ordering: .relaxed)
        _ = gate.admit(Self.header(1, exposed: 1_000))
        _ = gate.admit(Self.header(5, exposed: 2_000, lost: 3))
        _ = gate.admit(Self.header(8, exposed: 3_000, lost: 2))
        #expect(gate.triggerCount.load(ordering: .relaxed) == 8)
        #expect(gate.losses.pop() == Loss(count: 3, before: 5))
        #expect(gate.losses.pop() == Loss(count: 2, before: 8))
        #expect(gate.losses.pop() == nil)
    }

    @Test("losses that nobody reads in time are told of with the next ones, each frame once")
    func untoldLosses() throws {
        let gate = try Self.gate(Docket(capacity: 200))
        gate.isArmed.store(true, ordering: .relaxed)
        for number in 1...70 as ClosedRange<UInt32> {
            _ = gate.admit(Self.header(number * 3, exposed: Int(number), lost: 2))
        }
        var told = 0
        while let loss = gate.losses.pop() { told += loss.count }
        #expect(told == 128)
        _ = gate.admit(Self.header(220, exposed: 1_000, lost: 1))
        #expect(gate.losses.pop() == Loss(count: 13, before: 220))
        #expect(gate.triggerCount.load(ordering: .relaxed) == 71 + 70 * 2 + 1)
    }

    @Test("a frame of a software-triggered camera is that of the trigger it was exposed after, or nobody's")
    func software() throws {
        let docket = Docket(capacity: 2)
        let gate = try Self.gate(docket, isSoftware: true)
        // Arming means nothing to it.
        gate.isArmed.store(true, ordering: .relaxed)
        #expect(gate.admit(Self.header(1, exposed: 1_000)) == .pass)
        let ticket = try #require(docket.reserve())
        docket.await(ticket, DocketTests.trigger(7, triggered: 5_000), frameDeadline: 90_000)
        #expect(gate.admit(Self.header(2, exposed: 4_999)) == .pass)
        #expect(gate.admit(Self.header(3, exposed: 5_001)) == .inspect(ticket: ticket))
        let trigger = try #require(docket.trigger(ticket))
        #expect(trigger.job == 7 && trigger.driverSequence == 3 && trigger.exposed == 5_001)
        #expect(gate.admit(Self.header(4, exposed: 6_000)) == .pass)
        #expect(gate.triggerCount.load(ordering: .relaxed) == 0)
    }

    @Test("a driver's time of another clock counts for nothing, the arrival for all")
    func otherClock() {
        var header = Self.header(1, exposed: 50_000_000)
        #expect(Gate.exposure(of: header) == 50_000_000)
        header.driverNanoseconds = 1_700_000_000_000_000_000
        #expect(Gate.exposure(of: header) == 52_000_000)
        header.arrivalNanoseconds = 20_000_000_000
        header.driverNanoseconds = 1
        #expect(Gate.exposure(of: header) == 20_000_000_000)
    }

    @Test("a deadline that comes while the supervisor is awake keeps it from sleeping before it looked again")
    func alarm() throws {
        let alarm = try Alarm()
        /// Whether it asked for other reasons, and so had not been called.
        func isQuiet() -> Bool {
            var hasAsked = false
            alarm.sleep(until: MonotonicClock.now + 60_000_000_000) {
                hasAsked = true
                return true
            }
            return hasAsked
        }
        #expect(isQuiet())
        alarm.wake(before: MonotonicClock.now + 1_000)
        #expect(!isQuiet() && isQuiet())
        alarm.wake()
        #expect(!isQuiet() && isQuiet())
    }
}
