/// `match` of a camera: how to know the device again, wherever it is plugged in.
package struct MatchSettings: SettingTable {
    /// The USB serial number.
    package var serial = ""
    /// The name under /dev/v4l/by-id.
    package var id = ""
    /// The name under /dev/v4l/by-path.
    package var path = ""
    /// The bus name that V4L2 reports.
    package var bus = ""

    package init() {}

    /// Whether nothing is given.
    package var isEmpty: Bool { self == MatchSettings() }

    package static let isInline = true

    package static let settings: [Setting<MatchSettings>] = [
        .text("serial", \.serial, .line, "USB serial number").restarting(.camera),
        .text("id", \.id, .line, "name in /dev/v4l/by-id").restarting(.camera),
        .text("path", \.path, .line, "name in /dev/v4l/by-path").restarting(.camera),
        .text("bus", \.bus, .line, "bus name that V4L2 reports").restarting(.camera),
    ]
}
