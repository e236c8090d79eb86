import Configuration
import EventStorage
import Events
import Platform
import Sockets
import Synchronization

/// Looks once a second at what no single thread sees: a store that fails, episodes of bad pictures, overruns.
struct HealthWatch {
    private let onDiskFull: Configuration.StoreSettings.FullDisk
    private var failingSince: Int?
    private var badPictures = 0
    private var isBadSaid = false
    private var overruns = 0

    init(_ settings: Configuration.StoreSettings) { onDiskFull = settings.onDiskFull }

    /// Raises what is due, once per episode, and leads to state 2 where the settings or the protocol want it.
    mutating func look(_ core: StationCore) {
        watchStore(core)
        if core.warmResidentBytes.load(ordering: .relaxed) == 0,
            MonotonicClock.now - core.started > StationCore.warmUp
        {
            core.warmResidentBytes.store(ProcessFigures.residentBytes, ordering: .relaxed)
        }
        let counts = core.tally.snapshot
        let bad = counts.byReason[.imageQuality] ?? 0
        if bad > badPictures, !isBadSaid { core.raise(Event(.exposureBad, severity: .warning)) }
        // An episode ends with a second in which no frame was bad.
        isBadSaid = bad > badPictures
        badPictures = bad
        let overrun = counts.events[.consumerOverrun] ?? 0
        if overrun > overruns { core.update { $0.latched.insert(.consumerOverrun) } }
        overruns = overrun
    }

    private mutating func watchStore(_ core: StationCore) {
        switch core.log.status.condition {
        case .writable: failingSince = nil
        case .full:
            failingSince = nil
            if onDiskFull == .stop { core.fail(.diskFull) }
        case .failing:
            let now = MonotonicClock.now
            failingSince = failingSince ?? now
            // A single failure may pass; one that lasts is a broken medium.
            if let since = failingSince, now - since > 3_000_000_000 { core.fail(.storageError) }
        }
    }
}
