import Events
import Platform
import Synchronization

// THE DOCKET
//
// Every trigger has exactly one result, and its verdict is out by its deadline, whatever the inspection is doing.
// So each trigger of a camera has a place here from the moment it is known until its result is on its way:
//
//                  capture: a frame came                        worker: judged in time
//        free ───────────────────────────────> inspecting ──────────────────────────────> free
//         │                                      ^    │ supervisor: the deadline passed
//         │ control: software trigger            │    v
//         └───> reserved ───> awaited ───────────┘   forcing ──> forced ──────────────> late ──> free
//                               │ capture: its frame came     worker: judged too late   supervisor: noted
//                               └──> closing ──> free
//                         supervisor: no frame came
//
// The word of a place holds a generation beside the phase, so that a place that was freed and taken again between
// a look and a step is never mistaken for the old one. Whoever has moved the phase owns the fields until the next
// step; the deadline and the time of the trigger are atomic because others look at them before they try.

/// The triggers of one camera that have no result yet; at most `capacity` of them.
///
/// Capture, inspection and supervision meet here without a lock; no call allocates or waits.
@safe
package final class Docket: @unchecked Sendable {
    // @unchecked: fields of a place are touched only by the thread that moved its phase, as drawn above.
    package let capacity: Int
    private let places: UnsafeMutablePointer<Place>
    private let inUse = Atomic<Int>(0)

    /// Where a trigger stands.
    enum Phase: UInt64 {
        case free, reserved, awaited, inspecting, forcing, forced, late, closing
    }

    private struct Place: ~Copyable {
        let word = Atomic<UInt64>(0)
        /// Monotonic nanoseconds: when its verdict has to be out, or its frame has to be there.
        let deadline = Atomic<Int>(.max)
        /// When it was triggered: a frame of an earlier exposure is not its.
        let triggered = Atomic<Int>(0)
        var trigger = PendingTrigger()
        var lateScore: UInt32 = 0
        var lateMicroseconds: UInt32 = 0
    }

    /// - Precondition: `capacity` is 1...1,000.
    package init(capacity: Int) {
        precondition(1...1_000 ~= capacity, "a docket of \(capacity)")
        self.capacity = capacity
        unsafe places = .allocate(capacity: capacity)
        for index in 0..<capacity { unsafe (places + index).initialize(to: Place()) }
    }

    deinit {
        unsafe places.deinitialize(count: capacity)
        unsafe places.deallocate()
    }

    /// Places that are taken; a moment ago for everybody.
    package var count: Int { inUse.load(ordering: .relaxed) }

    // MARK: Steps

    /// Takes a free place for `trigger`, whose frame is at hand. Returns its ticket, or nil if there is none.
    package func open(_ trigger: PendingTrigger) -> UInt16? {
        guard let index = claim(.free, as: .reserved) else { return nil }
        fill(index, trigger)
        move(index, to: .inspecting)
        return UInt16(index + 1)
    }

    /// Takes a free place for a software trigger that is about to be accepted. Nil if there is none.
    package func reserve() -> UInt16? { claim(.free, as: .reserved).map { UInt16($0 + 1) } }

    /// The reserved place `ticket` now waits for a frame, which has to come by `frameDeadline`.
    package func await(_ ticket: UInt16, _ trigger: PendingTrigger, frameDeadline: Int) {
        let index = Int(ticket) - 1
        fill(index, trigger)
        unsafe places[index].deadline.store(frameDeadline, ordering: .relaxed)
        move(index, to: .awaited)
    }

    /// Gives the reserved place back: the trigger was not accepted after all.
    package func cancel(_ ticket: UInt16) { free(Int(ticket) - 1) }

    /// Gives a frame exposed at `time` to the longest-waiting trigger that came before it; nil if none did.
    package func take(frameOf time: Int, header: (inout PendingTrigger) -> Void) -> UInt16? {
        while let oldest = longestWaiting(before: time) {
            // Given up by the supervisor meanwhile: then the frame is the next one's.
            guard exchange(oldest.index, oldest.word, .reserved) else { continue }
            // A copy: an inout access would formally be one to the whole place, whose word others look at.
            var trigger = unsafe places[oldest.index].trigger
            header(&trigger)
            unsafe places[oldest.index].trigger = trigger
            unsafe places[oldest.index].deadline.store(trigger.deadline, ordering: .relaxed)
            move(oldest.index, to: .inspecting)
            return UInt16(oldest.index + 1)
        }
        return nil
    }

    private func longestWaiting(before time: Int) -> (index: Int, word: UInt64)? {
        var oldest: (index: Int, word: UInt64)?, earliest = Int.max
        for index in 0..<capacity {
            let word = unsafe places[index].word.load(ordering: .acquiring)
            let triggered = unsafe places[index].triggered.load(ordering: .relaxed)
            guard Self.phase(word) == .awaited, triggered <= time, triggered < earliest else { continue }
            (oldest, earliest) = ((index, word), triggered)
        }
        return oldest
    }

    /// What the trigger of `ticket` was, for the worker that has its frame; nil if its verdict was forced already.
    package func trigger(_ ticket: UInt16) -> PendingTrigger? {
        let index = Int(ticket) - 1
        guard unsafe Self.phase(places[index].word.load(ordering: .acquiring)) == .inspecting else {
            return nil
        }
        // Only this worker frees a place that it has the frame of: the fields stay as they are.
        return unsafe places[index].trigger
    }

    /// When the verdict of `ticket` has to be out.
    package func deadline(_ ticket: UInt16) -> Int {
        unsafe places[Int(ticket) - 1].deadline.load(ordering: .relaxed)
    }

    /// The worker has judged the frame of `ticket`. True if that was in time: then the result is the worker's to
    /// publish, and the place is free. Else the score is kept for the supervisor.
    package func finish(_ ticket: UInt16, score: UInt32, microseconds: UInt32) -> Bool {
        let index = Int(ticket) - 1
        let word = unsafe places[index].word.load(ordering: .acquiring)
        if Self.phase(word) == .inspecting, exchange(index, word, .reserved) {
            free(index)
            return true
        }
        unsafe places[index].lateScore = score
        unsafe places[index].lateMicroseconds = microseconds
        move(index, to: .late)
        return false
    }

    // MARK: The supervisor's part

    /// What the supervisor finds in one look.
    package enum Overdue: Sendable {
        /// The verdict is due and not there: INVALID has to be published.
        case verdict(PendingTrigger)
        /// No frame came for this software trigger.
        case frame(PendingTrigger)
        /// A score came after its verdict had been forced; nil score where the frame was never looked at.
        case late(PendingTrigger, score: UInt32, microseconds: UInt32)
    }

    /// Calls `body` for everything that is due at `now`, and returns the earliest deadline still to come.
    ///
    /// - Parameter closing: also everything that still waits for a frame, due or not: the camera is gone.
    package func collect(now: Int, closing: Bool, _ body: (Overdue) -> Void) -> Int {
        var next = Int.max
        for index in 0..<capacity {
            let word = unsafe places[index].word.load(ordering: .acquiring)
            let deadline = unsafe places[index].deadline.load(ordering: .relaxed)
            switch Self.phase(word) {
            case .inspecting where deadline <= now:
                guard exchange(index, word, .forcing) else { continue }
                unsafe body(.verdict(places[index].trigger))
                let forcing = Self.word(word, .forcing)
                // The worker may have finished meanwhile: then the place is late and found so at once.
                if !exchange(index, forcing, .forced) { settle(index, body) }
            case .awaited where deadline <= now || closing:
                guard exchange(index, word, .closing) else { continue }
                unsafe body(.frame(places[index].trigger))
                free(index)
            case .inspecting, .awaited: next = min(next, deadline)
            case .late: settle(index, body)
            default: continue
            }
        }
        return next
    }

    private func settle(_ index: Int, _ body: (Overdue) -> Void) {
        unsafe body(
            .late(
                places[index].trigger, score: places[index].lateScore,
                microseconds: places[index].lateMicroseconds))
        free(index)
    }

    /// Closes the place of a frame that was admitted and then not delivered. Nil if its verdict was forced first.
    package func withdraw(_ ticket: UInt16) -> PendingTrigger? {
        let index = Int(ticket) - 1
        let word = unsafe places[index].word.load(ordering: .acquiring)
        guard Self.phase(word) == .inspecting, exchange(index, word, .closing) else {
            // Forced: nobody has its frame, so nobody else will free it.
            free(index)
            return nil
        }
        defer { free(index) }
        return unsafe places[index].trigger
    }

    // MARK: Words

    private func claim(_ from: Phase, as to: Phase) -> Int? {
        for index in 0..<capacity {
            let word = unsafe places[index].word.load(ordering: .relaxed)
            guard Self.phase(word) == from, exchange(index, word, to) else { continue }
            inUse.add(1, ordering: .relaxed)
            return index
        }
        return nil
    }

    private func fill(_ index: Int, _ trigger: PendingTrigger) {
        unsafe places[index].trigger = trigger
        unsafe places[index].triggered.store(trigger.triggered, ordering: .relaxed)
        unsafe places[index].deadline.store(trigger.deadline, ordering: .relaxed)
    }

    private func free(_ index: Int) {
        // Counted first: whoever then finds the place free finds the count right as well.
        inUse.subtract(1, ordering: .relaxed)
        let word = unsafe places[index].word.load(ordering: .relaxed)
        unsafe places[index].word.store(Self.word(word &+ 256, .free), ordering: .releasing)
    }

    private func move(_ index: Int, to phase: Phase) {
        let word = unsafe places[index].word.load(ordering: .relaxed)
        unsafe places[index].word.store(Self.word(word, phase), ordering: .releasing)
    }

    private func exchange(_ index: Int, _ word: UInt64, _ phase: Phase) -> Bool {
        unsafe places[index].word.compareExchange(
            expected: word, desired: Self.word(word, phase), ordering: .acquiringAndReleasing
        ).exchanged
    }

    private static func phase(_ word: UInt64) -> Phase { Phase(rawValue: word & 255) ?? .free }

    private static func word(_ word: UInt64, _ phase: Phase) -> UInt64 { word & ~255 | phase.rawValue }
}
