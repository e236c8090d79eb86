import EventStorage
import Events
import Imaging
import Inspection
import Platform
import Synchronization

/// A candidate that judges the same frames as the active product, after it and in spare time. What it would have
/// said goes into the log beside the results, and is never sent to anybody.
final class ShadowJudge: Sendable {
    let digest: String
    /// The camera whose frames it judges.
    let unit: CameraUnit
    private let thread: Mutex<HotThread?>

    /// What the thread works with.
    private struct Work: Sendable {
        let inspector: FrameInspector
        let unit: CameraUnit
        let core: StationCore
        let digest: String
        let share: Double
        var judged: UInt32 = 0
        var seen = 0
        var taken = 0
    }

    /// Starts to judge frames of `unit`: the share `share` (0...1) of those that it gets to see.
    init(
        digest: String, inspector: FrameInspector, unit: CameraUnit, core: StationCore, share: Double
    ) throws(PlatformError) {
        (self.digest, self.unit) = (digest, unit)
        let work = Work(inspector: inspector, unit: unit, core: core, digest: digest, share: share)
        thread = Mutex(
            try HotThread(name: "shadow", state: work) { work, stop in
                while !stop.isUp {
                    if !Self.judgeNewest(&work) { MonotonicClock.sleep(nanoseconds: 10_000_000) }
                }
            })
    }

    /// Ends it. Blocks for the frame in hand.
    func finish() {
        guard let thread = thread.withLock({ $0.take() }) else { return }
        thread.stop.raise()
        thread.join()
    }

    /// Judges the newest frame unless it has been. False if there was nothing to do, or the line needs the machine.
    private static func judgeNewest(_ work: inout Work) -> Bool {
        let job = work.unit.lane.memory.newestJob
        guard job != work.judged, work.unit.lane.frames.count == 0 else { return false }
        work.judged = job
        work.seen += 1
        guard Double(work.taken) < Double(work.seen) * work.share,
            let frame = work.unit.lane.memory.hold(job: job), let view = frame.view
        else { return false }
        work.taken += 1
        let start = MonotonicClock.now
        var outcome = Outcome()
        work.inspector.inspect(view, validRows: view.size.height, into: &outcome)
        let took = UInt32(clamping: (MonotonicClock.now - start) / 1_000)
        work.core.log.addShadow(
            toJob: job, model: work.digest, score: outcome.score, verdict: outcome.verdict,
            latencyMicroseconds: took
        ) { _ in }
        return true
    }
}
