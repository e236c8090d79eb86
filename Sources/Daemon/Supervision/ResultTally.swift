package import Events
package import Platform
import Synchronization

/// Counts results when they are committed, so that at every moment the triggers are the sum of what is counted
/// here and what is still on its way (LWP/1, P1).
package final class ResultTally: Sendable {
    package let latency = LatencyHistogram()
    /// What the stages of LWP/1's `stage_us` took, of judged frames: capture, prep, backbone, heads.
    package static let stages = ["capture", "prep", "backbone", "heads"]
    package let stageTimes = stages.map { _ in LatencyHistogram() }
    private let counts = Mutex(Counts())

    /// Results of this run: as many as it takes, for a run may be years long.
    package struct Counts: Sendable {
        package var ok = 0
        package var ng = 0
        package var unsure = 0
        package var invalid = 0
        package var deadlines = 0
        package var byReason: [Reason: Int] = [:]
        /// All results of a camera.
        package var byCamera: [UInt8: Int] = [:]
        package var events: [EventCode: Int] = [:]
        /// Lines of strips that were not real.
        package var invalidLines = 0
        /// The raw scores of the newest OK results by calibration, for the drift test.
        package var recent: [Int32: [Float]] = [:]

        package var all: Int { ok + ng + unsure + invalid }
    }

    /// The most scores that are kept for the drift test of one calibration.
    package let window: Int

    package init(window: Int) { self.window = window }

    package var snapshot: Counts { counts.withLock { $0 } }

    /// Counts what the publisher has committed, or lost for good. For the publisher's thread.
    package func add(_ bodies: [Record.Body]) {
        counts.withLock { counts in
            for body in bodies {
                switch body {
                case .result(let result): add(result, &counts)
                case .event(let event): counts.events[event.code, default: 0] += 1
                case .gap: break
                }
            }
        }
    }

    private func add(_ result: InspectionResult, _ counts: inout Counts) {
        switch result.verdict {
        case .ok: counts.ok += 1
        case .ng: counts.ng += 1
        case .unsure: counts.unsure += 1
        case .invalid: counts.invalid += 1
        }
        counts.byReason[result.reason, default: 0] += 1
        counts.byCamera[result.camera, default: 0] += 1
        if result.reason == .deadline { counts.deadlines += 1 }
        // A frame that was refused or lost took no time.
        if result.verdict != .invalid {
            latency.add(result.latencyMicroseconds)
            for (histogram, time) in zip(stageTimes, result.stageMicroseconds) { histogram.add(time) }
        }
        counts.invalidLines += Int(result.lines) - min(Int(result.lines), Int(result.validLines))
        guard result.verdict == .ok, result.calibration != 0, let raw = result.rawScore else { return }
        var scores = counts.recent[result.calibration] ?? []
        if scores.count >= 2 * window { scores.removeFirst(window) }
        scores.append(raw)
        counts.recent[result.calibration] = scores
    }
}
