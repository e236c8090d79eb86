/// `controls` of a camera: exposure, gain, and any V4L2 control by its name.
package struct ControlSettings: SettingTable {
    /// Microseconds; 0 leaves it to the driver.
    package var exposureMicroseconds = 0
    /// In the driver's unit; 0 leaves it to the driver.
    package var gain = 0.0
    /// Other controls, by the name the driver gives them in lower case with underscores.
    package var further: [String: Double] = [:]

    package init() {}

    package static let isInline = true

    package static let settings: [Setting<ControlSettings>] = [
        .integer("exposure_us", \.exposureMicroseconds, 0...60_000_000, "us", "0 = driver default")
            .restarting(.camera),
        .number("gain", \.gain, 0...1e6, "", "0 = driver default").restarting(.camera),
    ]

    package static let further: FurtherSettings<ControlSettings>? = FurtherSettings(
        kind: .number(-2_147_483_648...2_147_483_647),
        read: { $0.further.mapValues { .number($0) } },
        write: { table, key, node in table.further[key] = node.number ?? table.further[key] })
}
