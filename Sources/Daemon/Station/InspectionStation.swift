import Capture
package import Configuration
import EventStorage
package import Events
import Imaging
import Logging
import Platform
package import Sockets
import Synchronization

/// The station as control programs see it: real cameras, real inspections (LWP/1, sections 4 and 8).
package final class InspectionStation: Station {
    let core: StationCore
    let control: InspectionControl
    let admin: AdminDesk
    private let onClientLost: PLCSettings.LostClient
    /// Whether a trigger is answered only when its acceptance is committed.
    private let isTriggerDurable: Bool

    package init(core: StationCore, control: InspectionControl, admin: AdminDesk, settings: Settings) {
        (self.core, self.control, self.admin) = (core, control, admin)
        onClientLost = settings.plc.onClientLost
        isTriggerDurable = settings.plc.triggerDurable
    }

    package var status: StationStatus {
        let model = core.state, log = core.log.status
        var status = StationStatus()
        let units = core.units
        let used = units.reduce(0) { $0 + $1.gate.docket.count }
        let capacity = units.reduce(0) { $0 + $1.gate.docket.capacity }
        status.state = model.state(isArmed: core.isArmed, hasPending: core.pendingCount > 0)
        status.isArmed = core.isArmed
        status.error = model.error
        status.alarms = model.alarms
        if log.condition == .full { status.alarms.insert(.diskFull) }
        status.recipe = model.recipe
        status.camerasPresent = core.presentCameras
        (status.queued, status.free) = (UInt16(clamping: used), UInt16(clamping: max(0, capacity - used)))
        status.isReady =
            model.isRunning && status.camerasPresent != 0 && used < capacity && log.condition == .writable
        status.missed = UInt32(clamping: core.missed.load(ordering: .relaxed))
        status.config = model.config
        status.timeMilliseconds = WallClock.now
        return status
    }

    package var statistics: StationStatistics {
        let counts = core.tally.snapshot
        var statistics = StationStatistics()
        statistics.run = core.log.run
        statistics.uptime = UInt32(clamping: (MonotonicClock.now - core.started) / 1_000_000_000)
        let missed = core.missed.load(ordering: .relaxed)
        statistics.missed = UInt32(clamping: missed)
        // What was counted a moment ago is never more than what was triggered by now.
        statistics.triggers = UInt32(clamping: core.triggerCount + missed)
        (statistics.ok, statistics.ng) = (UInt32(clamping: counts.ok), UInt32(clamping: counts.ng))
        statistics.unsure = UInt32(clamping: counts.unsure)
        statistics.invalid = UInt32(clamping: counts.invalid)
        statistics.lost = UInt32(clamping: core.lostCount)
        statistics.p50 = core.tally.latency.quantile(0.5)
        statistics.p99 = core.tally.latency.quantile(0.99)
        statistics.deadlines = UInt32(clamping: counts.deadlines)
        return statistics
    }

    package var isMakingProgress: Bool { core.isProgressing.load(ordering: .acquiring) }

    package func raise(_ event: Event) {
        if event.code == .clientLost { core.update { $0.latched.insert(.clientLost) } }
        core.raise(event)
    }

    package func clientLost(_ name: String) {
        guard onClientLost == .disarm else { return }
        for unit in core.units { core.arm(unit, false) }
    }

    package func countInternalError(_ message: String) {
        core.internalErrors.add(1, ordering: .relaxed)
        core.journal.say(.error, "plc", "A bug: \(message). Please report this line.")
    }

    // MARK: Triggers

    package func trigger(_ request: TriggerRequest) async throws(Refusal) -> AcceptedTrigger {
        do {
            return try await accept(request)
        } catch {
            core.missed.add(1, ordering: .relaxed)
            throw error
        }
    }

    private func accept(_ request: TriggerRequest) async throws(Refusal) -> AcceptedTrigger {
        let model = core.state
        guard !model.isStopping else { throw Refusal(.shuttingDown, retry: 1_000) }
        guard model.phase == .ready else { throw Refusal(.notReady, retry: 1_000) }
        guard core.log.status.condition != .full else { throw Refusal(.diskFull, retry: 1_000) }
        let unit = try camera(request.camera)
        guard unit.gate.isSoftware else {
            throw Refusal(
                .badState,
                message: "Camera \(unit.title) is not triggered by command: set trigger = \"software\".")
        }
        guard unit.state.isPresent else { throw Refusal(.noCamera) }
        let milliseconds =
            request.deadline.map(Int.init) ?? unit.gate.deadline.load(ordering: .relaxed) / 1_000_000
        let floor = (unit.floor.load(ordering: .relaxed) + 1_999_999) / 1_000_000
        guard milliseconds >= floor else { throw Refusal(.deadlineImpossible, a: UInt64(floor)) }
        guard let ticket = unit.gate.docket.reserve() else {
            throw Refusal(.busy, retry: UInt16(clamping: max(1, floor)))
        }
        let job: UInt32
        do {
            job =
                isTriggerDurable ? try await durableJob(request, unit, milliseconds) : core.log.takeJob()
        } catch {
            unit.gate.docket.cancel(ticket)
            throw error
        }
        let now = MonotonicClock.now
        var pending = PendingTrigger()
        (pending.job, pending.camera, pending.partNumber) = (job, unit.id, request.partNumber)
        pending.setPart(request.part)
        (pending.triggered, pending.deadline) = (now, now + milliseconds * 1_000_000)
        pending.exposed = Int64(now)
        pending.timeMilliseconds = WallClock.now
        pending.recipe = model.recipe
        unit.gate.triggerCount.add(1, ordering: .relaxed)
        let patience = unit.settings.frameTimeout.nanoseconds
        unit.gate.docket.await(ticket, pending, frameDeadline: min(now + patience, pending.deadline))
        core.alarm.wake()
        // A camera without such a button gives frames by itself: the next one is the part's.
        _ = unit.triggerLine?.fire()
        return AcceptedTrigger(
            job: job, camera: unit.id, deadline: UInt32(clamping: milliseconds),
            timeMilliseconds: pending.timeMilliseconds)
    }

    private func durableJob(
        _ request: TriggerRequest, _ unit: CameraUnit, _ milliseconds: Int
    ) async throws(Refusal) -> UInt32 {
        let trigger = Trigger(
            camera: unit.id, partNumber: request.partNumber, part: request.part,
            deadlineMilliseconds: UInt32(clamping: milliseconds))
        let log = core.log
        let answer = await withCheckedContinuation { continuation in
            log.accept(trigger) { continuation.resume(returning: $0) }
        }
        switch answer {
        case .success(let job): return job
        case .failure(.diskFull): throw Refusal(.diskFull, retry: 1_000)
        case .failure(let error): throw Refusal(.storageError, message: "\(error)")
        }
    }

    /// The camera that `name` means; without a name the only one.
    func camera(_ name: CameraName?) throws(Refusal) -> CameraUnit {
        let units = core.units
        let found: CameraUnit?
        switch name {
        case nil: found = units.count == 1 ? units.first : nil
        case .number(let number): found = units.first { $0.id == number }
        case .name(let text): found = units.first { $0.settings.name == text || "\($0.id)" == text }
        }
        guard let found else {
            let known = units.map { "\($0.id) \($0.settings.name)" }.joined(separator: ", ")
            throw Refusal(.noCamera, key: "cam", message: "Name one of the cameras: \(known).")
        }
        return found
    }

    // MARK: Execution

    package func useRecipe(_ recipe: UInt16) async throws(Refusal) {
        let model = core.state
        guard model.phase == .ready || model.phase == .withoutRecipe else { throw Refusal(.badState) }
        try await control.useRecipe(recipe)
    }

    package func arm(_ camera: CameraName?) async throws(Refusal) {
        guard core.state.isRunning else { throw Refusal(.badState) }
        for unit in try cameras(camera) { core.arm(unit, true) }
    }

    package func disarm(_ camera: CameraName?) async throws(Refusal) {
        guard core.state.phase == .ready else { throw Refusal(.badState) }
        let units = try cameras(camera)
        for unit in units { core.arm(unit, false) }
        // Every verdict is out by its deadline; what a full disk takes away is counted as well.
        let longest = units.map { $0.gate.deadline.load(ordering: .relaxed) }.max() ?? 0
        let end = MonotonicClock.now + longest + 2_000_000_000
        repeat {
            // A frame that was being admitted when its camera was disarmed is counted within microseconds.
            try? await Task.sleep(for: .milliseconds(2))
        } while MonotonicClock.now < end && units.contains { core.pendingCount(of: $0) > 0 }
    }

    private func cameras(_ name: CameraName?) throws(Refusal) -> [CameraUnit] {
        guard let name else { return core.units }
        return [try camera(name)]
    }

    package func reset() async throws(Refusal) {
        core.update { $0.latched = [] }
        await control.releaseDrift()
        guard core.state.phase == .failed else { return }
        guard core.log.status.condition == .writable else { throw Refusal(.badState) }
        core.run(recipe: core.state.recipe)
    }

    /// Back to work. After safe mode nothing has been loaded yet.
    private func resume() async throws(Refusal) -> AdminReply {
        guard core.state.isSafeMode else { return try await admin.resume() }
        guard await admin.endSafeMode(control) else { throw Refusal(.badState) }
        return .ok()
    }

    package func mark(_ mark: Sockets.Mark) async throws(Refusal) { try await control.mark(mark) }

    package func administer(_ request: AdminRequest) async throws(Refusal) -> AdminReply {
        switch request {
        case .halt: try await admin.halt()
        case .resume: try await resume()
        case .cameraList: .ok([JSONMember("cameras", .array(core.units.map(\.description)))])
        case .cameraSnap(let name): .blob(try await admin.snap(try camera(name)))
        case .cameraProbe(let name): .ok(try await admin.probe(try camera(name)))
        case .classTry(let name, let words): try await control.tryWords(words, at: try camera(name))
        default: try await control.administer(request, admin)
        }
    }
}

extension CameraUnit {
    /// What `camera.list` says of it.
    fileprivate var description: JSONValue {
        let life = state
        return .object([
            JSONMember("id", .integer(Int64(settings.id))), JSONMember("name", .text(settings.name)),
            JSONMember("source", .text(settings.source.rawValue)),
            JSONMember("kind", .text(settings.kind.rawValue)),
            JSONMember("trigger", .text(settings.trigger.rawValue)),
            JSONMember("armed", .integer(gate.isArmed.load(ordering: .relaxed) ? 1 : 0)),
            JSONMember("state", .text(life.state.rawValue)),
            JSONMember("reason", .text(life.reason.rawValue)),
            JSONMember("failure", .text(life.failure ?? "")), JSONMember("since_ms", .integer(life.since)),
            JSONMember("format", .text(expected.pixelFormat.rawValue)),
            JSONMember("width", .integer(Int64(expected.size.width))),
            JSONMember("height", .integer(Int64(expected.size.height))),
            JSONMember("fps", .number(expected.framesPerSecond)),
            JSONMember("frames", .integer(Int64(counters.takenCount))),
            JSONMember("lost", .integer(Int64(counters.lostCount))),
            JSONMember("refused", .integer(Int64(counters.refusedCount))),
        ])
    }
}
