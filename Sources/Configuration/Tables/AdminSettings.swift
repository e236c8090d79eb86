/// `[admin]`: the socket of the command line.
package struct AdminSettings: SettingTable {
    /// Used when systemd passes none.
    package var socket = "/run/linewatch/admin.sock"

    package init() {}

    package static let settings: [Setting<AdminSettings>] = [
        .text("socket", \.socket, .socket, "used when systemd passes none").restarting(.restart)
    ]
}
