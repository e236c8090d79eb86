import CAllocationCounter
import Capture
import Daemon
import Events
import Foundation
import Imaging
import Inspection
import Platform
import Synchronization
import Testing

@Suite("the way of a frame")
struct FrameCostTests {
    private static let isLong = ProcessInfo.processInfo.environment["LINEWATCH_LONG"] == "1"
    /// Frames before the first that counts: the runtime allocates for types when they are first used.
    private static let first = 50
    private static let count = isLong ? 10_000 : 1_000

    /// Allocations of a thread when its frame `first` and its last one passed.
    private final class Meter: Sendable {
        private let frames = Atomic<Int>(0)
        private let before = Atomic<Int>(0)
        private let after = Atomic<Int>(0)

        /// Called on the thread that is measured, once a frame.
        func pass() {
            let number = frames.add(1, ordering: .relaxed).newValue
            if number == first { before.store(Int(ca_thread_allocations()), ordering: .relaxed) }
            after.store(Int(ca_thread_allocations()), ordering: .relaxed)
        }

        var frameCount: Int { frames.load(ordering: .relaxed) }
        var allocations: Int { after.load(ordering: .relaxed) - before.load(ordering: .relaxed) }
    }

    @Test(
        "capture and inspection threads allocate nothing from frame to frame, good parts or bad",
        arguments: [Float(0), 2])
    func allocations(limit: Float) throws {
        let capture = Meter(), inspection = Meter(), jobs = Atomic<UInt32>(0)
        let docket = Docket(capacity: 8), frames = Ring<Frame>(capacity: 10)
        let notices = Ring<CaptureNotice>(capacity: 64), wakeUp = try EventCounter(), alarm = try Alarm()
        let gate = Gate(
            camera: 1, docket: docket, isSoftware: false, alarm: alarm,
            takeJob: { jobs.add(1, ordering: .relaxed).newValue })
        gate.isArmed.store(true, ordering: .relaxed)
        gate.deadline.store(60_000_000_000, ordering: .relaxed)
        let lane = Lane(
            camera: 1, docket: docket, frames: frames,
            memory: try FrameMemory(
                slotCount: 8, frameBytes: TaughtWeld.size.pixelCount, byteLimit: 1 << 20,
                heatSize: FrameInspector.heatSize(of: TaughtWeld.size)), leastRows: 0, scale: (0, 0))
        _ = lane.inspectors.put(Lane.Seat(try TaughtWeld.inspector(limit: limit)))
        lane.keptVerdicts.store(.max, ordering: .relaxed)
        let worker = InspectionWorker(
            lanes: [lane], outcomes: Ring(capacity: 64), wakeUp: wakeUp, warmPause: 0,
            links: InspectionWorker.Links(
                published: { inspection.pass() }, late: {}, archived: {}))
        let camera = try SimulatedCamera(
            TaughtWeld.line, pixels: .grey,
            pace: SimulatedPace(framesPerSecond: 0, frameCount: Self.first + Self.count, bufferCount: 4))
        let loop = CaptureLoop(
            camera, frames: frames, notices: notices, wakeUp: wakeUp, noticeWakeUp: alarm.notices,
            counters: CaptureCounters(),
            admit: { header in
                capture.pass()
                return gate.admit(header)
            })
        let inspecting = try HotThread(name: "inspection", state: 0) { _, stop in worker.run(until: stop) }
        let capturing = try loop.start(name: "capture", cpus: [])

        var verdicts: [Verdict: Int] = [:], described = 0, hasEnded = false
        while !hasEnded || docket.count > 0 || worker.outcomes.count > 0 {
            while let notice = notices.pop() {
                if case .ended = notice { hasEnded = true }
            }
            while let outcome = worker.outcomes.pop() {
                verdicts[outcome.verdict, default: 0] += 1
                described += outcome.descriptionCount > 0 ? 1 : 0
            }
            while let item = lane.archive.pop() { _ = lane.memory.adopt(item.place) }
            MonotonicClock.sleep(nanoseconds: 1_000_000)
        }
        capturing.join()
        inspecting.join()
        let total = Self.first + Self.count
        // Above no distance lies every part: those that it was taught with by a rounding.
        #expect(verdicts == [limit == 0 ? .ng : .ok: total])
        #expect(described == (limit == 0 ? total : 0), "what kind of defect it is, is part of the way")
        #expect(capture.frameCount == total && inspection.frameCount >= total)
        #expect(capture.allocations == 0 && inspection.allocations == 0)
    }
}
