import Capture
package import Events
import Imaging
import Inspection
package import Platform
import Synchronization

/// One inspection thread: it judges the frames of its cameras, the one with the earliest deadline first.
///
/// A camera belongs to one worker, so that its frames are judged in the order in which they came. On the way of a
/// frame nothing is allocated, locked or logged.
@safe
package final class InspectionWorker: @unchecked Sendable {
    // @unchecked: everything but the counters is touched by the worker's own thread.
    package let outcomes: Ring<Outcome>
    package let wakeUp: EventCounter
    private let turns = Atomic<Int>(0)
    private var lanes: [Lane]
    /// The cameras that it judges from now on; taken between two frames.
    package let newLanes = Mailbox<[Lane]>()
    private let links: Links
    private let clock: @Sendable () -> Int
    /// Nanoseconds without a frame after which the networks are run for nothing; 0 is never.
    private let warmPause: Int
    private var lastWork = 0

    /// Whom the worker tells what; all of it wait-free.
    package struct Links: Sendable {
        /// After an outcome was pushed.
        package var published: @Sendable () -> Void
        /// After a verdict came too late.
        package var late: @Sendable () -> Void
        /// After a frame was passed on to the archivist.
        package var archived: @Sendable () -> Void

        package init(
            published: @escaping @Sendable () -> Void, late: @escaping @Sendable () -> Void,
            archived: @escaping @Sendable () -> Void
        ) {
            (self.published, self.late, self.archived) = (published, late, archived)
        }
    }

    /// - Parameters:
    ///   - outcomes: the ring of which this worker is the producer.
    ///   - wakeUp: signalled by the capture threads of `lanes`.
    ///   - warmPause: nanoseconds without a frame after which the networks run for nothing; 0 is never.
    ///   - clock: nanoseconds of the clock that deadlines are of.
    package init(
        lanes: [Lane], outcomes: Ring<Outcome>, wakeUp: EventCounter, warmPause: Int, links: Links,
        clock: @escaping @Sendable () -> Int = { MonotonicClock.now }
    ) {
        (self.warmPause, self.clock) = (warmPause, clock)
        (self.lanes, self.outcomes, self.wakeUp, self.links) = (lanes, outcomes, wakeUp, links)
    }

    /// Rises as long as the thread is alive, with frames or without.
    package var turnCount: Int { turns.load(ordering: .relaxed) }

    /// Works until `stop` is raised and no frame is left. Blocks.
    package func run(until stop: StopFlag) {
        while true {
            turns.add(1, ordering: .relaxed)
            let isLast = stop.isUp
            _ = newLanes.exchange(&lanes)
            if let lane = mostUrgent() {
                inspect(lane)
            } else if isLast {
                return
            } else {
                keepWarm()
                wakeUp.wait(
                    timeoutMilliseconds: 100,
                    unless: { stop.isUp || lanes.contains { $0.frames.count > 0 } })
            }
        }
    }

    /// Runs the networks once after a pause, so that the next frame finds caches and clocks as the last one did.
    private func keepWarm() {
        guard warmPause > 0, MonotonicClock.now - lastWork > warmPause else { return }
        for lane in lanes where lane.frames.count == 0 { lane.seat.inspector?.keepWarm() }
        lastWork = MonotonicClock.now
    }

    /// The lane whose next frame is due first.
    private func mostUrgent() -> Lane? {
        var best: Lane?, earliest = Int.max
        for lane in lanes {
            lane.exchange()
            if lane.held == nil { lane.held = lane.frames.pop() }
            guard let ticket = lane.heldTicket else { continue }
            let deadline = lane.docket.deadline(ticket)
            if best == nil || deadline < earliest { (best, earliest) = (lane, deadline) }
        }
        return best
    }

    private func inspect(_ lane: Lane) {
        guard let frame = lane.held.take() else { return }
        defer { lastWork = MonotonicClock.now }
        let ticket = frame.header.ticket
        let started = clock()
        guard let trigger = lane.docket.trigger(ticket) else {
            // Its verdict was forced while it waited: looking at it would make the next one late as well.
            _ = lane.docket.finish(ticket, score: 0, microseconds: 0)
            return links.late()
        }
        let isLate = lane.frameTime.skips(
            now: started, triggered: trigger.triggered, deadline: trigger.deadline)
        var outcome = trigger.outcome(isLate ? .deadline : .modelNotReady, now: started)
        outcome.stageMicroseconds[0] = UInt32(clamping: (started - Int(trigger.exposed)) / 1_000)
        if isLate {
            // Its verdict could not be ready in time any more: it is said at once, and newer ones get its time.
            outcome.encoder = frame.header.encoder
            outcome.flags.insert(.deadlineMissed)
            lane.seam.forget()
        } else {
            judge(frame, lane, &outcome)
            let ended = clock()
            if outcome.verdict != .invalid { lane.frameTime.note(ended - started) }
            outcome.latencyMicroseconds = UInt32(clamping: (ended - trigger.triggered) / 1_000)
        }
        outcome.flags.formUnion(RecordFlags(rawValue: lane.flags.load(ordering: .relaxed)))
        let late = isLate ? 0 : outcome.latencyMicroseconds
        if lane.docket.finish(ticket, score: outcome.score, microseconds: late) {
            push(outcome)
        } else {
            lane.seam.forget()
            links.late()
        }
        remember(frame, lane, outcome)
    }

    /// Completes `outcome` from the pixels of `frame`.
    private func judge(_ frame: borrowing Frame, _ lane: Lane, _ outcome: inout Outcome) {
        let header = frame.header
        outcome.encoder = header.encoder
        guard !header.hasError, let view = frame.view else {
            lane.seam.forget()
            return outcome.reject(.badBuffer)
        }
        var validRows = view.size.height
        if lane.leastRows > 0 {
            validRows = Int(header.validLineCount)
            (outcome.lines, outcome.validLines) = (UInt32(view.size.height), header.validLineCount)
            place(header, lane, &outcome)
            if validRows < view.size.height { outcome.flags.insert(.partial) }
            guard validRows >= lane.leastRows else {
                lane.seam.forget()
                return outcome.reject(.incomplete)
            }
        }
        guard let inspector = lane.seat.inspector else { return }
        inspector.inspect(view, validRows: validRows, into: &outcome)
        if lane.leastRows > 0 {
            lane.seam.report(&outcome, firstLine: Int(clamping: header.firstLine), lineCount: validRows)
        }
    }

    /// Where the strip begins, as far as the scale of its camera tells.
    private func place(_ header: FrameHeader, _ lane: Lane, _ outcome: inout Outcome) {
        let scale = lane.scale
        outcome.pixelsPerMillimetre = Float(scale.pixels)
        if header.hasEncoder, scale.counts != 0 {
            outcome.millimetres = Float(Double(header.encoder) / scale.counts)
        } else if scale.pixels > 0 {
            outcome.millimetres = Float(Double(header.firstLine) / scale.pixels)
        }
    }

    /// A full ring means that nothing can be stored: the worker waits, and the queues in front of it refuse.
    private func push(_ outcome: Outcome) {
        while outcomes.push(outcome) != nil {
            links.published()
            turns.add(1, ordering: .relaxed)
            MonotonicClock.sleep(nanoseconds: 1_000_000)
        }
        links.published()
    }

    /// Keeps the frame in memory, and passes it on to the archivist where its picture is wanted.
    private func remember(_ frame: borrowing Frame, _ lane: Lane, _ outcome: Outcome) {
        let isKept = lane.keeps(outcome.verdict)
        let inspector = outcome.verdict == .ok && !isKept ? nil : lane.seat.inspector
        let hasHeat = outcome.rawThreshold > 0 && inspector?.heatSize == lane.memory.heatSize
        let place = unsafe lane.memory.store(frame, outcome, isHeld: isKept) { heat in
            guard hasHeat, let inspector else { return false }
            unsafe inspector.writeHeat(into: heat)
            return true
        }
        guard isKept else { return }
        guard let place else {
            lane.droppedPictures.add(1, ordering: .relaxed)
            return
        }
        if lane.archive.push(ArchiveItem(place: place, job: outcome.job)) != nil {
            _ = lane.memory.adopt(place)
            lane.droppedPictures.add(1, ordering: .relaxed)
        }
        links.archived()
    }
}

extension Lane {
    /// The ticket of the frame that was taken out of the ring.
    var heldTicket: UInt16? {
        guard held != nil else { return nil }
        return held?.header.ticket
    }
}

extension Outcome {
    /// Nothing was judged, for `reason`.
    mutating func reject(_ reason: Reason) { (verdict, self.reason) = (reason.verdict, reason) }
}
