import Capture
import Daemon
import Events
import Imaging
import Inspection
import Platform
import Synchronization
import Testing

@Suite("the inspection worker")
struct InspectionWorkerTests {
    @Test("judges the frame with the earliest deadline of all cameras first, each camera's in their order")
    func earliestFirst() throws {
        let bench = try WorkerBench(cameras: 2)
        // Within a camera the order stays, whatever the deadlines.
        for (camera, deadline) in [(0, 50), (0, 20), (0, 90), (1, 40), (1, 60), (1, 70)] {
            try bench.put(camera: camera, deadline: deadline)
        }
        bench.runOut()
        #expect(bench.popped().map(\.job) == [4, 1, 2, 5, 6, 3])
        #expect(bench.lanes.allSatisfy { $0.docket.count == 0 })
    }

    @Test("without networks every part is INVALID, and its trigger is known")
    func notReady() throws {
        let bench = try WorkerBench(cameras: 1)
        bench.lanes[0].flags.store(RecordFlags.simulated.rawValue, ordering: .relaxed)
        try bench.put(camera: 0, deadline: 50)
        bench.runOut()
        let outcome = try #require(bench.popped().first)
        #expect(outcome.verdict == .invalid && outcome.reason == .modelNotReady)
        #expect(outcome.job == 1 && outcome.camera == 1 && outcome.flags.contains(.simulated))
        #expect(bench.lanes[0].memory.newestJob == 1)
    }

    @Test("an untaught inspection says so, a frame of another kind is INVALID, a broken one too")
    func verdicts() throws {
        let bench = try WorkerBench(cameras: 1)
        let inspector = try TaughtWeld.untaughtInspector(WorkerBench.size)
        _ = bench.lanes[0].inspectors.put(Lane.Seat(inspector))
        try bench.put(camera: 0, deadline: 50)
        try bench.put(camera: 0, deadline: 50, size: Size(width: 8, height: 8))
        var broken = FrameHeader()
        broken.hasError = true
        try bench.put(camera: 0, deadline: 50, header: broken)
        bench.runOut()
        #expect(bench.popped().map(\.reason) == [.uncalibrated, .badBuffer, .badBuffer])
    }

    @Test("a strip with too few real lines is INVALID, one with a few missing is partial")
    func strips() throws {
        let bench = try WorkerBench(cameras: 1, leastRows: 6)
        _ = bench.lanes[0].inspectors.put(Lane.Seat(try TaughtWeld.untaughtInspector(WorkerBench.size)))
        for lines in [5, 6, 8] {
            var header = FrameHeader()
            header.validLineCount = UInt32(lines)
            try bench.put(camera: 0, deadline: 50, header: header)
        }
        bench.runOut()
        let outcomes = bench.popped()
        #expect(outcomes.map(\.reason) == [.incomplete, .uncalibrated, .uncalibrated])
        #expect(outcomes.map { $0.flags.contains(.partial) } == [true, true, false])
        #expect(outcomes.map(\.validLines) == [5, 6, 8] && outcomes.allSatisfy { $0.lines == 8 })
    }

    @Test("a frame whose verdict was forced is not looked at, and its place is free for the next")
    func forced() throws {
        let bench = try WorkerBench(cameras: 1)
        for deadline in [10, 20, 30] { try bench.put(camera: 0, deadline: deadline) }
        var forced: [UInt32] = [], late = 0
        let docket = bench.lanes[0].docket
        func note(_ overdue: Docket.Overdue) {
            switch overdue {
            case .verdict(let trigger): forced.append(trigger.job)
            case .late(_, _, let microseconds): late += microseconds == 0 ? 1 : 100
            case .frame: Issue.record("each has its frame")
            }
        }
        _ = docket.collect(now: 20, closing: false, note)
        bench.runOut()
        #expect(forced == [1, 2] && bench.popped().map(\.job) == [3])
        #expect(bench.lateCount == 2)
        #expect(docket.collect(now: 20, closing: false, note) == .max)
        #expect(late == 2 && forced == [1, 2] && docket.count == 0)
    }

    @Test("waits where nobody takes its outcomes, and loses none")
    func fullRing() throws {
        let bench = try WorkerBench(cameras: 1, outcomeCapacity: 1)
        for deadline in 1...6 { try bench.put(camera: 0, deadline: deadline) }
        let worker = bench.worker
        let thread = try HotThread(name: "worker", state: 0) { _, stop in worker.run(until: stop) }
        var jobs: [UInt32] = [], turns = 0
        while jobs.count < 6, turns < 20_000 {
            turns += 1
            MonotonicClock.sleep(nanoseconds: 500_000)
            if let outcome = worker.outcomes.pop() { jobs.append(outcome.job) }
        }
        thread.join()
        #expect(jobs == [1, 2, 3, 4, 5, 6])
    }

    @Test("wanted pictures go to the archivist held, and what finds no room is counted")
    func archive() throws {
        let bench = try WorkerBench(cameras: 1, slotCount: 6)
        let lane = bench.lanes[0]
        lane.keptVerdicts.store(1 << Verdict.invalid.rawValue, ordering: .relaxed)
        for deadline in 1...8 { try bench.put(camera: 0, deadline: deadline) }
        bench.runOut()
        // Half of six places may be held.
        #expect(lane.archive.count == 3 && lane.droppedPictures.load(ordering: .relaxed) == 5)
        for job in 1...3 as ClosedRange<UInt32> {
            let item = try #require(lane.archive.pop())
            let kept = lane.memory.adopt(item.place).outcome
            #expect(item.job == job && kept.job == job)
        }
        #expect(lane.memory.newestJob == 8)
    }

    @Test("judges the cameras that it was handed last")
    func otherLanes() throws {
        let bench = try WorkerBench(cameras: 1), other = try WorkerBench(cameras: 1)
        try bench.put(camera: 0, deadline: 1)
        try other.put(camera: 0, deadline: 1)
        _ = bench.worker.newLanes.put(other.lanes)
        bench.runOut()
        #expect(other.lanes[0].docket.count == 0 && bench.lanes[0].docket.count == 1)
    }
}

/// A worker with its cameras, and no thread.
final class WorkerBench {
    static let size = Size(width: 16, height: 8)
    let lanes: [Lane]
    let worker: InspectionWorker
    private var job: UInt32 = 0
    private let late = Calls()

    private final class Calls: Sendable { let count = Atomic<Int>(0) }

    var lateCount: Int { late.count.load(ordering: .relaxed) }

    init(cameras: Int, leastRows: Int = 0, slotCount: Int = 6, outcomeCapacity: Int = 64) throws {
        lanes = try (0..<cameras).map { number in
            Lane(
                camera: UInt8(number + 1), docket: Docket(capacity: 16), frames: Ring(capacity: 16),
                memory: try FrameMemory(
                    slotCount: slotCount, frameBytes: Self.size.pixelCount, byteLimit: 1 << 20,
                    heatSize: FrameInspector.heatSize(of: Self.size)), leastRows: leastRows, scale: (0, 0))
        }
        let late = late
        worker = InspectionWorker(
            lanes: lanes, outcomes: Ring(capacity: outcomeCapacity), wakeUp: try EventCounter(), warmPause: 0,
            links: InspectionWorker.Links(
                published: {}, late: { late.count.add(1, ordering: .relaxed) }, archived: {}))
    }

    /// A frame of the next job waits for the worker.
    func put(
        camera: Int, deadline: Int, size: Size = WorkerBench.size, header: FrameHeader = FrameHeader()
    ) throws {
        job += 1
        var trigger = DocketTests.trigger(job, deadline: deadline, triggered: MonotonicClock.now)
        trigger.camera = lanes[camera].camera
        var header = header
        header.ticket = try #require(lanes[camera].docket.open(trigger))
        let isRefused = lanes[camera].frames.push(DrawnFrame.plain(size, UInt8(job), header)) != nil
        try #require(!isRefused)
    }

    /// Works on this thread until nothing is left.
    func runOut() {
        let stop = StopFlag()
        stop.raise()
        worker.run(until: stop)
    }

    func popped() -> [Outcome] {
        var outcomes: [Outcome] = []
        while let outcome = worker.outcomes.pop() { outcomes.append(outcome) }
        return outcomes
    }
}
