/// `[station]`: which box this is.
package struct StationSettings: SettingTable {
    /// 1...16 of `A-Z a-z 0-9 _ -`.
    package var id = "ST10"
    /// `local`, or a name such as `Europe/Berlin`. For display only.
    package var timezone = "local"

    package init() {}

    package static let settings: [Setting<StationSettings>] = [
        .text("id", \.id, .identifier, "the name of this box towards the PLC").required.restarting(.restart),
        .text(
            "timezone", \.timezone, TextRule(1...64),
            "display only, \"local\" or a name as Europe/Berlin; stored times are UTC"),
    ]
}
