/// `[drift]`: the alarm for good parts that no longer look like the sample.
package struct DriftSettings: SettingTable {
    package enum Action: String, CaseIterable, Sendable {
        case event
        /// Verdicts become UNSURE until reset.
        case hold
    }

    /// Results in one test.
    package var window = 500
    /// The probability below which the alarm is raised.
    package var pAlarm = 1e-6
    package var action = Action.event

    package init() {}

    package static let settings: [Setting<DriftSettings>] = [
        .integer("window", \.window, 50...100_000, "results", ""),
        .number(
            "p_alarm", \.pAlarm, 1e-12...0.01, "", "two-sample test of scores against the calibration set"),
        .choice("action", \.action, "hold: verdicts become UNSURE until reset"),
    ]
}
