import Configuration
import Events
import Glibc
import Platform
import Synchronization

/// Watches the clock of the machine: whether it is synchronised, and whether it jumped.
struct ClockWatch {
    private let settings: ClockSettings
    private let marker: String
    /// Milliseconds of UTC when the monotonic clock began, as of the last look.
    private var offset = Self.offsetNow
    private var wasSynchronised = true

    /// - Parameter folder: a path in the runtime folder, where the marker is.
    init(_ settings: ClockSettings, folder: String) {
        self.settings = settings
        marker = (folder.lastIndex(of: "/").map { String(folder[...$0]) } ?? "") + "clock-synced"
    }

    private static var offsetNow: Int64 { WallClock.now - Int64(MonotonicClock.now / 1_000_000) }

    /// Looks once; raises events 1006, 1007 and 1008 where something changed.
    mutating func look(_ core: StationCore) {
        let now = Self.offsetNow
        if abs(now - offset) >= settings.stepEvent.milliseconds {
            core.raise(Event(.clockStep, severity: .warning, a: Int32(clamping: now - offset)))
        }
        offset = now
        guard settings.source != .none else { return }
        var paths = [marker]
        if settings.source == .auto { paths.append("/run/systemd/timesync/synchronized") }
        let isSynchronised = paths.contains { unsafe access($0, F_OK) == 0 }
        guard isSynchronised != wasSynchronised else { return }
        wasSynchronised = isSynchronised
        core.isClockSynchronised.store(isSynchronised, ordering: .relaxed)
        core.raise(
            Event(
                isSynchronised ? .clockSynced : .clockUnsynced, severity: isSynchronised ? .notice : .warning)
        )
        core.update { model in
            if isSynchronised {
                model.present.remove(.clockNotSynchronised)
            } else {
                model.present.insert(.clockNotSynchronised)
            }
        }
        for unit in core.units { unit.lane.say(.clockNotSynchronised, !isSynchronised) }
    }
}
