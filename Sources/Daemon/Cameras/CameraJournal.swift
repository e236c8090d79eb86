import Capture
import Events
import Platform
import Sockets
import Synchronization

/// Turns the life of a camera into events, alarms and results: exactly one "lost" and one "back" for each outage.
struct CameraJournal {
    private let core: StationCore
    private let unit: CameraUnit

    init(_ core: StationCore, _ unit: CameraUnit) { (self.core, self.unit) = (core, unit) }

    /// Notes a change of state.
    func note(_ transition: CameraTransition) {
        let now = WallClock.now
        var away: Int64 = 0
        let (wasSaid, isSaid) = unit.state.change(to: transition)
        unit.update { life in
            away = now - life.since
            if life.isPresent != [.streaming, .idle].contains(transition.to) {
                life.since = now
            }
            (life.state, life.reason) = (transition.to, transition.reason)
            life.isLossSaid = isSaid
            life.isStalled = isSaid && (transition.reason == .stalled || life.isStalled)
        }
        if isSaid, !wasSaid { sayLost(transition) }
        if wasSaid, !isSaid {
            let back = transition.awayMilliseconds > 0 ? transition.awayMilliseconds : away
            raise(
                .cameraBack, .notice, Int32(clamping: max(1, back)), Int32(clamping: transition.attemptCount))
        }
        if transition.to == .wrong { raise(.wrongCamera, .error, 0, 0) }
        if transition.reason == .formatChanged { raise(.formatChanged, .warning, 0, 0) }
        core.updateCameraAlarms()
    }

    private func sayLost(_ transition: CameraTransition) {
        raise(.cameraLost, .error, transition.errno, 0)
        if transition.reason == .stalled { raise(.cameraStalled, .warning, 0, 0) }
    }

    private func raise(_ code: EventCode, _ severity: Event.Severity, _ a: Int32, _ b: Int32) {
        core.raise(Event(code, severity: severity, camera: unit.id, a: a, b: b))
    }
}

extension CameraUnit.Life {
    /// Whether a loss had been said before `transition`, and is said after it.
    fileprivate func change(to transition: CameraTransition) -> (was: Bool, is: Bool) {
        switch transition.to {
        case .streaming, .idle: (isLossSaid, false)
        case .lost, .backoff, .wrong: (isLossSaid, true)
        case .absent: (isLossSaid, transition.reason == .closed ? isLossSaid : true)
        case .opening, .disabled: (isLossSaid, isLossSaid)
        }
    }
}
