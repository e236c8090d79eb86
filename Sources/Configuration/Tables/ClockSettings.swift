/// `[clock]`: how the daemon knows whether its time is right.
package struct ClockSettings: SettingTable {
    package enum Source: String, CaseIterable, Sendable {
        /// The marker of systemd-timesyncd, or the file.
        case auto
        /// `clock-synced` in the runtime folder.
        case file
        case none
    }

    package var source = Source.auto
    /// 50 ms...60 s.
    package var stepEvent = Duration.milliseconds(500)

    package init() {}

    package static let settings: [Setting<ClockSettings>] = [
        .choice(
            "source", \.source, "auto: marker of timesyncd, or clock-synced in the runtime folder"),
        .duration(
            "step_event_ms", \.stepEvent, 50...60_000, .milliseconds, "realtime step that raises event 1006"),
    ]
}
