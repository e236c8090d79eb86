/// `threshold` of an inspection: which score is still OK.
package struct ThresholdSettings: SettingTable {
    package enum Mode: String, CaseIterable, Sendable {
        /// From the scores of good parts.
        case okOnly = "ok_only"
        /// `raw`, as it stands.
        case fixed
    }

    package var mode = Mode.okOnly
    /// For mode fixed only, and needed there: the model's own score.
    package var raw: Double?
    /// Of a million good parts, at most so many are not accepted.
    package var falseRejectPPM = 5000
    /// Of that statement.
    package var confidence = 0.95
    /// UNSURE above the limit, as a share of the distance from the median to the limit.
    package var unsureBand = 0.10

    package init() {}

    package static let isInline = true

    package static let settings: [Setting<ThresholdSettings>] = [
        .choice("mode", \.mode, "ok_only: from good parts; fixed: raw"),
        .optionalNumber("raw", \.raw, 0...1e9, "the limit of mode fixed"),
        .integer(
            "false_reject_ppm", \.falseRejectPPM, 10...200_000, "ppm", "good parts that are not accepted"),
        .number("confidence", \.confidence, 0.8...0.999, "", "of that rate"),
        .number("unsure_band", \.unsureBand, 0...1, "", "UNSURE above the limit"),
    ]
}
