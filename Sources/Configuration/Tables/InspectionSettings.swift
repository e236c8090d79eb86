/// `[[inspect]]`: what is looked for in the frames of one camera.
package struct InspectionSettings: SettingTable {
    package enum Mode: String, CaseIterable, Sendable {
        /// One part per frame or trigger.
        case part
        /// Endless material.
        case web
    }

    package enum Head: String, CaseIterable, Sendable { case auto, patch, zeroshot, fewshot }

    package enum Combination: String, CaseIterable, Sendable { case vtf, mean, max }

    package var name = "weld"
    /// The id of a camera.
    package var camera = 1
    /// Names of regions of that camera; none is the whole frame.
    package var roi: [String] = []
    /// The name of a model package.
    package var model = "default"
    package var mode = Mode.part
    package var head = Head.auto
    /// Synonyms of what a good part is called; at least one.
    package var className = ["object"]
    package var goodWords: [String] = []
    package var badWords: [String] = []
    /// Whether parts always lie the same way.
    package var oriented = false
    package var combine = Combination.vtf
    /// Whether defects are given a kind.
    package var cluster = true
    /// Trigger, or end of exposure, to published result.
    package var deadline = Duration.milliseconds(80)
    package var threshold = ThresholdSettings()
    package var debounce = DebounceSettings()

    package init() {}

    package static let identity: String? = "name"

    package static let settings: [Setting<InspectionSettings>] = [
        .text("name", \.name, .name, "").required,
        .integer("camera", \.camera, 1...32, "", "id of a camera").required,
        .texts("roi", \.roi, .name, 0...16, "names of regions; [] = whole frame"),
        .text("model", \.model, TextRule(1...64), "package name"),
        .choice(
            "mode", \.mode, "part: one part per frame or trigger; web: endless material (debounce allowed)"),
        .choice(
            "head", \.head,
            "auto: taught = fewshot, or patch if the package has no fewshot; else zeroshot"),
        .textOrTexts("class_name", \.className, TextRule(1...64), "what a good part is called"),
        .texts(
            "good_words", \.goodWords, TextRule(1...64), 0...64, "the normal state, beside built-in ones"),
        .texts("bad_words", \.badWords, TextRule(1...64), 0...64, "defects, as \"scratch\", \"dent\""),
        .flag(
            "oriented", \.oriented,
            "true: parts always lie the same way (no rotated references; tiles may know their place)"),
        .choice("combine", \.combine, "score of a taught product"),
        .flag("cluster", \.cluster, "name the kind of defect"),
        .duration(
            "deadline_ms", \.deadline, 5...60_000, .milliseconds,
            "trigger (or end of exposure) to published result"),
        .table("threshold", \.threshold, "ok_only: from good parts; fixed: then raw = .."),
        .table("debounce", \.debounce, "NG if n of the last 'of' strips are above the limit; mode web only"),
    ]
}
