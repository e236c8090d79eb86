import Events
import Sockets
import Synchronization

/// A station that does what a test told it and remembers what it was asked.
final class ScriptedStation: Station {
    struct State {
        var status = StationStatus()
        var statistics = StationStatistics()
        var isMakingProgress = true
        var refusal: Refusal?
        var reply = AdminReply.ok()
        var delay = Duration.zero
        var jobs: UInt32 = 88
        var events: [Event] = []
        var lost: [String] = []
        var internalErrors = 0
        var asked: [String] = []
    }

    let state: Mutex<State>

    init() {
        var state = State()
        (state.status.state, state.status.isReady, state.status.config) = (.ready, true, 48_211)
        state.status.timeMilliseconds = 1_795_230_294_000
        self.state = Mutex(state)
    }

    var status: StationStatus { state.withLock { $0.status } }
    var statistics: StationStatistics { state.withLock { $0.statistics } }
    var isMakingProgress: Bool { state.withLock { $0.isMakingProgress } }
    var events: [EventCode] { state.withLock { $0.events.map(\.code) } }
    var lost: [String] { state.withLock { $0.lost } }

    /// Makes every further operation end in `refusal`; nil: in success.
    func refuse(_ refusal: Refusal?) { state.withLock { $0.refusal = refusal } }

    func raise(_ event: Event) { state.withLock { $0.events.append(event) } }
    func clientLost(_ name: String) { state.withLock { $0.lost.append(name) } }
    func countInternalError(_ message: String) { state.withLock { $0.internalErrors += 1 } }

    private func asked(_ what: String) async throws(Refusal) {
        let (delay, refusal) = state.withLock {
            $0.asked.append(what)
            return ($0.delay, $0.refusal)
        }
        if delay > .zero { try? await Task.sleep(for: delay) }
        if let refusal { throw refusal }
    }

    func trigger(_ request: TriggerRequest) async throws(Refusal) -> AcceptedTrigger {
        try await asked("trigger")
        let job = state.withLock {
            $0.jobs += 1
            return $0.jobs
        }
        return AcceptedTrigger(
            job: job, camera: 1, deadline: request.deadline ?? 80, timeMilliseconds: 1_795_230_293_980)
    }

    func useRecipe(_ recipe: UInt16) async throws(Refusal) { try await asked("recipe") }
    func arm(_ camera: CameraName?) async throws(Refusal) { try await asked("arm") }
    func disarm(_ camera: CameraName?) async throws(Refusal) { try await asked("disarm") }
    func reset() async throws(Refusal) { try await asked("reset") }
    func mark(_ mark: Mark) async throws(Refusal) { try await asked("mark") }

    func administer(_ request: AdminRequest) async throws(Refusal) -> AdminReply {
        try await asked("admin")
        return state.withLock { $0.reply }
    }
}
