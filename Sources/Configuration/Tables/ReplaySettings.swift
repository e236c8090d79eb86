/// `[camera.replay]`: how a folder is played.
package struct ReplaySettings: SettingTable {
    /// Times the recorded speed; 0 is as fast as possible.
    package var speed = 1.0
    /// How often it is played; 0 is again and again.
    package var rounds = 1

    package init() {}

    package static let meaning = "source folder only"

    package static let settings: [Setting<ReplaySettings>] = [
        .number("speed", \.speed, 0...1000, "", "x recorded speed; 0 = as fast as possible")
            .restarting(.camera),
        .integer("rounds", \.rounds, 0...1_000_000_000, "", "how often it is played; 0 = again and again")
            .restarting(.camera),
    ]
}
