/// `[log]`: what the daemon says, and where.
package struct LogSettings: SettingTable {
    package enum Level: String, CaseIterable, Sendable {
        case trace, debug, info, notice, warning, error, critical
    }

    package enum Target: String, CaseIterable, Sendable { case journal, stderr }

    package var level = Level.info
    package var target = Target.journal
    /// Whether each NG gets a line.
    package var ngLines = true

    package init() {}

    package static let settings: [Setting<LogSettings>] = [
        .choice("level", \.level, ""),
        .choice("target", \.target, ""),
        .flag("ng_lines", \.ngLines, "one convenience line per NG (not authoritative)"),
    ]
}
