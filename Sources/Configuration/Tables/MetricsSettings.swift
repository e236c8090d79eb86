/// `[metrics]`: the file for Prometheus' node exporter.
package struct MetricsSettings: SettingTable {
    /// Empty is off.
    package var textfile = "/run/linewatch/metrics.prom"
    package var period = Duration.seconds(10)

    package init() {}

    package static let settings: [Setting<MetricsSettings>] = [
        .text("textfile", \.textfile, .path, "\"\" = off; replaced atomically, mode 0644"),
        .duration("period_s", \.period, 1...300, .seconds, ""),
    ]
}
