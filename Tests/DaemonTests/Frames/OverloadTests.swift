import Capture
import Daemon
import Events
import Foundation
import Imaging
import Platform
import Synchronization
import Testing

/// More frames than can be judged, with a script for the clock, the camera and the inspector.
@Suite("frames that come faster than they can be judged")
struct OverloadTests {
    /// Milliseconds between two frames, of judging one, and from trigger to verdict.
    struct Load: CustomTestStringConvertible {
        var interval: Int
        var takes: Int
        var deadline: Int
        /// Of the time of the inspection, what has to go into verdicts that are in time.
        var share: Double
        var testDescription: String { "\(takes) ms a frame, one every \(interval) ms, due in \(deadline) ms" }
    }

    @Test(
        "each has exactly one result, none is accepted late, and the inspection's time goes into frames that can be in time",
        arguments: [
            Load(interval: 33, takes: 70, deadline: 80, share: 0.75),
            Load(interval: 10, takes: 75, deadline: 80, share: 0.75),
            Load(interval: 10, takes: 40, deadline: 80, share: 0.9),
            Load(interval: 9, takes: 10, deadline: 15, share: 0.75),
            Load(interval: 40, takes: 30, deadline: 80, share: 0.7),
        ])
    func skipping(load: Load) throws {
        let line = try ScriptedLine(load)
        try line.run(seconds: 5)
        #expect(line.results.count == line.frameCount && line.doubles == 0)
        let accepted = line.results.values.filter { $0.verdict == .ok }
        let latencies = accepted.map { Int($0.latencyMicroseconds) / 1_000 }.sorted()
        #expect((latencies.last ?? .max) <= load.deadline)
        let used = Double(accepted.count * load.takes) / 5_000
        if ProcessInfo.processInfo.environment["LINEWATCH_LONG"] == "1" {
            print(
                "\(load.testDescription): \(accepted.count) of \(line.frameCount) accepted, \(line.skipped) skipped, "
                    + "\(line.forced) forced, \(line.refused) refused; \(Int(100 * used)) % of the time used; "
                    + "latency p50 \(latencies[latencies.count / 2]) ms, most \(latencies.last ?? 0) ms")
        }
        #expect(used >= load.share)
        for result in line.results.values where result.verdict != .ok {
            #expect(result.verdict == .invalid && [.deadline, .queueFull].contains(result.reason))
            #expect(result.flags.contains(.deadlineMissed) == (result.reason == .deadline))
        }
    }

    @Test("where no frame can be in time all are judged, one after the other, and their late scores are kept")
    func hopeless() throws {
        let line = try ScriptedLine(Load(interval: 33, takes: 100, deadline: 80, share: 0))
        try line.run(seconds: 5)
        #expect(line.results.count == line.frameCount && line.doubles == 0)
        #expect(line.skipped == 0 && line.late > 20)
    }

    @Test("after a long pause of the machine no more than a few frames are skipped")
    func recovers() throws {
        let line = try ScriptedLine(Load(interval: 33, takes: 20, deadline: 80, share: 0))
        try line.run(seconds: 2)
        line.pause = 400
        try line.run(seconds: 4)
        let bad = line.results.values.count { $0.verdict == .invalid }
        #expect(line.results.count == line.frameCount && (1...20).contains(bad), "\(bad)")
    }
}

/// One camera, its worker and its supervisor on one thread, and a clock that goes on only while a frame is judged
/// or nothing is to be done.
private final class ScriptedLine {
    private let load: OverloadTests.Load
    private let lane: Lane
    private let worker: InspectionWorker
    private let clock = Clock()
    private let inspector: Script
    private var nextArrival = 0
    private var end = 0
    private(set) var frameCount = 0
    private(set) var results: [UInt32: Outcome] = [:]
    private(set) var doubles = 0
    private(set) var (forced, refused, skipped, late) = (0, 0, 0, 0)
    /// Milliseconds that the next frame takes longer, once.
    var pause = 0

    private static let size = Size(width: 8, height: 8)

    private final class Clock: Sendable { let milliseconds = Atomic<Int>(0) }

    /// Says OK to everything, and lets time pass meanwhile.
    private final class Script: FrameJudging, @unchecked Sendable {
        // @unchecked: everything happens on the test's thread.
        var passTime: () -> Void = {}
        let heatSize = Size(width: 1, height: 1)
        func exchangeRules() {}
        func keepWarm() {}
        func writeHeat(into heat: UnsafeMutableBufferPointer<UInt8>) {}
        func inspect(_ view: ImageView, validRows: Int, into outcome: inout Outcome) {
            passTime()
            (outcome.verdict, outcome.reason, outcome.score) = (.ok, .none, 5_000)
        }
    }

    init(_ load: OverloadTests.Load) throws {
        self.load = load
        lane = Lane(
            camera: 1, docket: Docket(capacity: 4), frames: Ring(capacity: 6),
            memory: try FrameMemory(
                slotCount: 4, frameBytes: Self.size.pixelCount, byteLimit: 1 << 20,
                heatSize: Size(width: 1, height: 1)), leastRows: 0, scale: (0, 0))
        let clock = clock
        worker = InspectionWorker(
            lanes: [lane], outcomes: Ring(capacity: 4_096), wakeUp: try EventCounter(), warmPause: 0,
            links: InspectionWorker.Links(published: {}, late: {}, archived: {}),
            clock: { clock.milliseconds.load(ordering: .relaxed) * 1_000_000 })
        inspector = Script()
        _ = lane.inspectors.put(Lane.Seat(inspector))
    }

    /// Until `seconds` on the scripted clock are over and every frame that came has its result.
    func run(seconds: Int) throws {
        let stop = StopFlag()
        stop.raise()
        inspector.passTime = { [unowned self] in
            advance(by: load.takes + pause)
            pause = 0
        }
        end = 1_000 * seconds
        while clock.milliseconds.load(ordering: .relaxed) < end {
            advance(by: 1)
            worker.run(until: stop)
            while let outcome = worker.outcomes.pop() {
                if outcome.reason == .deadline { skipped += 1 }
                note(outcome)
            }
        }
        inspector.passTime = {}
        advance(by: load.deadline + load.takes, isCameraOn: false)
        worker.run(until: stop)
        advance(by: 1, isCameraOn: false)
        while let outcome = worker.outcomes.pop() { note(outcome) }
    }

    /// Lets so many milliseconds pass: frames come, and the supervisor forces what is due.
    private func advance(by milliseconds: Int, isCameraOn: Bool = true) {
        for _ in 0..<milliseconds {
            let now = clock.milliseconds.add(1, ordering: .relaxed).newValue
            _ = lane.docket.collect(now: now * 1_000_000, closing: false) { overdue in
                switch overdue {
                case .verdict(let trigger):
                    forced += 1
                    var outcome = trigger.outcome(.deadline, now: now * 1_000_000)
                    outcome.flags.insert(.deadlineMissed)
                    note(outcome)
                case .late(_, _, let microseconds): late += microseconds > 0 ? 1 : 0
                case .frame: Issue.record("each has its frame")
                }
            }
            if isCameraOn, now >= nextArrival, now < end { arrive(now) }
        }
    }

    private func arrive(_ now: Int) {
        nextArrival = now + load.interval
        frameCount += 1
        var trigger = DocketTests.trigger(
            UInt32(frameCount), deadline: (now + load.deadline) * 1_000_000, triggered: now * 1_000_000)
        trigger.camera = 1
        guard let ticket = lane.docket.open(trigger) else {
            refused += 1
            return note(trigger.outcome(.queueFull, now: now * 1_000_000))
        }
        var header = FrameHeader()
        header.ticket = ticket
        if lane.frames.push(DrawnFrame.plain(Self.size, 1, header)) != nil {
            Issue.record("no room in the ring")
        }
    }

    private func note(_ outcome: Outcome) {
        if results.updateValue(outcome, forKey: outcome.job) != nil { doubles += 1 }
    }
}
