import CAllocationCounter
import Glibc
import Inference
import Kernels
import Platform

/// The times of many runs of one session, what else they cost, and the peak of the core meanwhile.
struct FrameTimes {
    /// Of each frame, in the order of the frames.
    private(set) var nanoseconds: [Int]
    /// The least processor time of a frame on the calling thread: what a frame takes where others disturb.
    private(set) var leastProcessorTime = Int.max
    /// Calls of malloc and its relatives during the frames, by all threads.
    private(set) var allocations = 0
    /// Page faults served without the disk during the frames.
    private(set) var minorFaults = 0
    /// Multiply-adds per nanosecond of one core, measured before, between and after the frames.
    private(set) var peaks: [Double] = []

    /// Runs `session` on `input` until caches and clocks have settled, then `frames` times with a look at the
    /// peak in between.
    init(of session: Session, input: [UInt8], frames: Int) {
        nanoseconds = [Int](repeating: 0, count: frames)
        for _ in 0..<max(3, min(frames / 10, 20)) {
            session.write(input)
            session.run()
        }
        peaks.append(session.model.kernels.peakGmacs())
        let parts = min(4, frames)
        for part in 0..<parts {
            run(session, input, frames * part / parts..<frames * (part + 1) / parts)
            peaks.append(session.model.kernels.peakGmacs())
        }
    }

    private mutating func run(_ session: Session, _ input: [UInt8], _ frames: Range<Int>) {
        let allocationsBefore = ca_allocations(), faultsBefore = Self.faults()
        for frame in frames {
            session.write(input)
            let processorStart = ThreadClock.now, start = MonotonicClock.now
            session.run()
            nanoseconds[frame] = MonotonicClock.now - start
            leastProcessorTime = min(leastProcessorTime, ThreadClock.now - processorStart)
        }
        allocations += Int(ca_allocations() - allocationsBefore)
        minorFaults += Self.faults() - faultsBefore
    }

    private static func faults() -> Int {
        var usage = rusage()
        // Cannot fail: the argument is valid and so is the pointer for the call.
        _ = unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_minflt
    }
}

extension Session {
    /// Writes the input of the next runs: timed frames read fresh pixels, as they do behind a camera.
    func write(_ input: [UInt8]) {
        unsafe withInput { target in
            unsafe input.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
        }
    }
}
