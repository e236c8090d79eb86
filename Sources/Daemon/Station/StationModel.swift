package import Events

/// Where the station is in its life (LWP/1, section 8): plain values and rules, no thread.
package struct StationModel: Sendable {
    /// What the station is apart from what its cameras are doing.
    package enum Phase: Sendable { case starting, halted, failed, ready, withoutRecipe }

    package var phase = Phase.starting
    /// The error that led to `failed`; 0 none.
    package var error: Int16 = 0
    package var recipe: UInt16 = 0
    package var config: UInt16 = 0
    /// Halted by a crash loop.
    package var isSafeMode = false
    /// The stop has begun: nothing new is accepted.
    package var isStopping = false
    /// Alarms that stay until `reset`, and those that come and go with their cause.
    package var latched: Alarms = []
    package var present: Alarms = []

    package init() {}

    package var alarms: Alarms { latched.union(present).union(isSafeMode ? .safeMode : []) }

    /// The state as the protocol numbers it.
    package func state(isArmed: Bool, hasPending: Bool) -> StationState {
        switch phase {
        case .starting: .preoperational
        case .halted: .halted
        case .failed: .error
        case .withoutRecipe: .initialized
        case .ready: isArmed ? .continuous : hasPending ? .single : .ready
        }
    }

    /// Whether a safe mode has lasted for the hour without a crash that ends it (OPERATIONS O8).
    package func isSafeModeOver(upNanoseconds: Int) -> Bool {
        isSafeMode && phase == .halted && upNanoseconds >= 3_600_000_000_000
    }

    /// Whether parts are judged at all.
    package var isRunning: Bool { phase == .ready && !isStopping }
}
