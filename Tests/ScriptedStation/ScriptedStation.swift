import Daemon
import EventStorage
import Events
import Platform
import Sockets
import Synchronization

/// A station without cameras or models: real log, real sockets, and results by the script below.
///
/// The verdict of a part follows from its number: `pn` modulo 4 is 0 OK, 1 NG, 2 UNSURE, 3 INVALID. It takes
/// `partTime`; at most four parts are under way.
final class ScriptedStation: Station {
    static let queue = 4
    static let floor: UInt32 = 10

    private let log: EventLog
    private let publisher: Publisher
    private let partTime: Duration
    private let state = Mutex(State())
    private let started = MonotonicClock.now

    private struct State {
        var statistics = StationStatistics()
        var underWay = 0
        var phase = StationState.ready
        var isArmed = false
        var recipe: UInt16 = 1
    }

    init(log: EventLog, publisher: Publisher, partTime: Duration) {
        (self.log, self.publisher, self.partTime) = (log, publisher, partTime)
    }

    var status: StationStatus {
        state.withLock { state in
            var status = StationStatus()
            let isHalted = state.phase == .halted
            status.state =
                isHalted
                ? .halted : state.isArmed ? .continuous : state.underWay > 0 ? .single : .ready
            status.isReady = !isHalted && state.underWay < Self.queue
            status.recipe = state.recipe
            status.isArmed = state.isArmed
            status.camerasPresent = 1
            status.queued = UInt16(state.underWay)
            status.free = UInt16(Self.queue - state.underWay)
            status.missed = state.statistics.missed
            status.config = 48_211
            status.timeMilliseconds = Self.now
            status.alarms = log.status.condition == .full ? [.diskFull] : []
            return status
        }
    }

    var statistics: StationStatistics {
        var statistics = state.withLock { $0.statistics }
        statistics.run = log.run
        statistics.uptime = UInt32((MonotonicClock.now - started) / 1_000_000_000)
        return statistics
    }

    var isMakingProgress: Bool { true }

    func raise(_ event: Event) {
        var event = event
        event.timeMilliseconds = Self.now
        publisher.publish(.event(event))
    }

    func clientLost(_ name: String) { state.withLock { $0.isArmed = false } }

    func countInternalError(_ message: String) {}

    func trigger(_ request: TriggerRequest) async throws(Refusal) -> AcceptedTrigger {
        let deadline = request.deadline ?? 80
        guard request.camera == nil || request.camera == .number(1) else { throw Refusal(.noCamera) }
        guard deadline >= Self.floor else {
            state.withLock { $0.statistics.missed += 1 }
            throw Refusal(.deadlineImpossible, a: UInt64(Self.floor))
        }
        let isTaken = state.withLock { state in
            guard state.underWay < Self.queue else {
                state.statistics.missed += 1
                return false
            }
            state.underWay += 1
            return true
        }
        guard isTaken else { throw Refusal(.busy, retry: 25) }
        let trigger = Trigger(
            camera: 1, partNumber: request.partNumber, part: request.part, deadlineMilliseconds: deadline)
        let answer = await withCheckedContinuation { continuation in
            log.accept(trigger) { continuation.resume(returning: $0) }
        }
        guard case .success(let job) = answer else {
            state.withLock { $0.underWay -= 1 }
            throw Refusal(log.status.condition == .full ? .diskFull : .storageError)
        }
        state.withLock { $0.statistics.triggers += 1 }
        let time = Self.now
        Task {
            try? await Task.sleep(for: partTime)
            finish(request, job: job, since: time)
        }
        return AcceptedTrigger(job: job, camera: 1, deadline: deadline, timeMilliseconds: time)
    }

    private func finish(_ request: TriggerRequest, job: UInt32, since time: Int64) {
        var result = Script.result(part: request.partNumber, job: job)
        result.part = request.part
        result.timeMilliseconds = time
        result.latencyMicroseconds = UInt32(clamping: (Self.now - time) * 1_000)
        publisher.publish(.result(result))
        state.withLock { state in
            state.underWay -= 1
            switch result.verdict {
            case .ok: state.statistics.ok += 1
            case .ng: state.statistics.ng += 1
            case .unsure: state.statistics.unsure += 1
            case .invalid: state.statistics.invalid += 1
            }
        }
    }

    func useRecipe(_ recipe: UInt16) async throws(Refusal) {
        guard recipe == 1 || recipe == 2 else { throw Refusal(.recipeUnknown) }
        state.withLock { $0.recipe = recipe }
    }

    func arm(_ camera: CameraName?) async throws(Refusal) { state.withLock { $0.isArmed = true } }

    func disarm(_ camera: CameraName?) async throws(Refusal) { state.withLock { $0.isArmed = false } }

    func reset() async throws(Refusal) {}

    func mark(_ mark: Sockets.Mark) async throws(Refusal) {
        guard (try? log.reader.record(at: mark.seq)) != nil else { throw Refusal(.notFound) }
    }

    func administer(_ request: AdminRequest) async throws(Refusal) -> AdminReply {
        switch request {
        case .halt: state.withLock { $0.phase = .halted }
        case .resume: state.withLock { $0.phase = .ready }
        default: return try Self.answer(request)
        }
        return .ok()
    }

    static var now: Int64 { WallClock.now }
}
