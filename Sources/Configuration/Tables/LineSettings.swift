/// `[camera.line]`: strips of a line-scan camera.
package struct LineSettings: SettingTable {
    package enum Encoder: String, CaseIterable, Sendable {
        case none
        /// The counts come with the frame.
        case chunk
        /// Counted from the line rate.
        case lines
    }

    /// 64...8192.
    package var stripLines = 512
    /// Repeated from the strip before; at most half of a strip.
    package var overlapLines = 64
    /// Fewer real lines are INVALID (incomplete).
    package var minValidLines = 448
    /// 0: positions only in lines.
    package var pixelsPerMillimetre = 0.0
    package var encoder = Encoder.none
    /// The sign is the direction.
    package var countsPerMillimetre = 0.0
    /// Expected lines per second, for stall and timeout.
    package var lineRate = 0.0

    package init() {}

    package static let meaning = "kind linescan only"

    package static let settings: [Setting<LineSettings>] = [
        .integer("strip_lines", \.stripLines, 64...8192, "lines", "per inspected strip").restarting(.camera),
        .integer("overlap_lines", \.overlapLines, 0...4096, "lines", "at most strip_lines / 2")
            .restarting(.camera),
        .integer(
            "min_valid_lines", \.minValidLines, 1...8192, "lines",
            "at most strip_lines; fewer = INVALID (incomplete)"
        ).restarting(.camera),
        .number("px_per_mm", \.pixelsPerMillimetre, 0...1000, "px/mm", "0 = positions only in lines")
            .restarting(.camera),
        .choice("encoder", \.encoder, "chunk: counts in the frame; lines: counted from line rate")
            .restarting(.camera),
        .number(
            "counts_per_mm", \.countsPerMillimetre, -10_000...10_000, "1/mm", "the sign is the direction"
        ).restarting(.camera),
        .number("line_rate_hz", \.lineRate, 0...200_000, "1/s", "expected, for stall and timeout")
            .restarting(.camera),
    ]
}
