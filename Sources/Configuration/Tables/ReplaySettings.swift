/// `[camera.replay]`: how a folder is played.
package struct ReplaySettings: SettingTable {
    /// Times the recorded speed; 0 is as fast as possible.
    package var speed = 1.0

    package init() {}

    package static let meaning = "source folder only"

    package static let settings: [Setting<ReplaySettings>] = [
        .number("speed", \.speed, 0...1000, "", "x recorded speed; 0 = as fast as possible")
            .restarting(.camera)
    ]
}
