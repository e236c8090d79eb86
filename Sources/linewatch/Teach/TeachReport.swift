internal import AnomalyModels
internal import Inspection
internal import Sockets

/// What `linewatch teach` did. Keys are only ever added.
struct TeachReport: Encodable {
    let schema = "linewatch.teach/1"
    let inspect: String
    let set: Int64
    /// The digest of the package, and its folder.
    let model: String
    let path: String
    let references: Int
    let views: String
    let regions: Int
    let tiles: Int
    /// Regions whose tiles are known each by itself.
    let regionsByPosition: Int
    /// The provisional threshold and the median of the leave-one-out scores, in the model's own units.
    let limit: Float
    let median: Float
    let leaveOneOut: [Float]
    let painted: Int
    let found: Int
    let located: Int
    /// Defects that operators marked, and those of them that are found.
    let marked: Int
    let markedFound: Int
    /// What the full stage came to, by region; empty if it was left out.
    let fullStage: [FullStage.Outcome]
    private let fullStageText: String?
    /// What spoke against parts that were learned all the same.
    let objections: [String]
    private let practice: String?
    /// Whether these were enough.
    let passed: Bool
    /// passed, weak or failed.
    let grade: String
    private let weakness: String
    private(set) var active = false
    /// What the inspection judged with before; empty if it had nothing.
    private(set) var previous = ""
    /// none, provisional or calibrated.
    private(set) var level = "provisional"
    /// The rate that is asked for, and the good parts still missing for it; nil if the daemon does not say.
    private(set) var askedPpm: Double?
    private(set) var missing: Int64?

    enum CodingKeys: String, CodingKey {
        case regionsByPosition = "regions_by_position"
        case schema, inspect, set, model, path, references, views, regions, tiles, limit, median, painted,
            found
        case located, passed, grade, active, previous, level, missing
        case leaveOneOut = "leave_one_out"
        case fullStage = "full_stage"
        case marked, objections
        case markedFound = "marked_found"
        case askedPpm = "asked_ppm"
    }

    init(
        _ committed: CommittedSet, _ product: TaughtProduct, _ check: SelfCheck, _ stage: FullStage?,
        _ objections: [PartReview.Objection], digest: String, path: String
    ) {
        self.objections = objections.map(\.description)
        (fullStage, fullStageText) = (stage?.outcomes ?? [], stage?.text)
        practice = stage?.sheet == nil ? nil : path + "/" + TaughtProduct.practicePath
        (inspect, set) = (committed.inspect, committed.set)
        (model, self.path) = (digest, path)
        (references, views) = (product.referenceCount, product.views.rawValue)
        regions = product.regions.count
        tiles = product.regions.reduce(0) { $0 + $1.tiles.count }
        regionsByPosition = product.banks.count { $0.positions > 1 }
        (limit, median) = (check.threshold.limit, check.threshold.median)
        leaveOneOut = product.leaveOneOutScores
        passed = check.isPassed
        grade = "\(check.grade)"
        weakness =
            check.grade == .weak
            ? ": weak; \(check.contrast?.description ?? ""). More good parts find more."
            : ": too few, as --force permits."
        (painted, found, located) = (check.paintedCount, check.foundCount, check.locatedCount)
        (marked, markedFound) = (check.markedCount, check.markedFoundCount)
    }

    /// Switches the inspection to the model, and asks what its threshold is worth.
    mutating func activate(_ daemon: TeachConnection) throws {
        let answer = try daemon.ask(
            .modelActivate, [JSONMember("model", .text(model)), JSONMember("inspect", .text(inspect))],
            within: 60)
        active = true
        previous = answer["previous"]?.text ?? ""
        level = answer["level"]?.text ?? level
        // What is missing is a courtesy: the model is active whether or not the daemon says it.
        guard let shown = try? daemon.ask(.thresholdShow, [JSONMember("inspect", .text(inspect))]) else {
            return
        }
        missing = shown.number("missing")
        switch shown["asked_ppm"] {
        case .integer(let value): askedPpm = Double(value)
        case .number(let value): askedPpm = value
        default: break
        }
    }

    private var positionText: String {
        guard regionsByPosition > 0 else { return "" }
        return regionsByPosition == regions
            ? ", each known by its place" : ", in \(regionsByPosition) of the regions each known by its place"
    }

    var text: String {
        let parts = references == 1 ? "1 good part" : "\(references) good parts"
        var lines = [
            "Learned '\(inspect)' from \(parts): \(regions == 1 ? "1 region" : "\(regions) regions"), "
                + "\(tiles == 1 ? "1 tile" : "\(tiles) tiles")\(positionText), views \(views).",
            "Self-check: all good parts pass; \(located) of \(painted) painted defects were found where they are"
                + (marked > 0 ? ", and \(markedFound) of \(marked) marked ones" : "")
                + (passed ? "." : weakness),
            "Model \(model.prefix(12)) is kept in '\(path)'.",
        ]
        lines += objections.map { "\($0) It was learned all the same." }
        if let fullStageText { lines.append(fullStageText) }
        if let practice { lines.append("These are the defects that it practised on: '\(practice)'.") }
        guard active else {
            return
                (lines + [
                    "It is not active. Switch to it with 'linewatch model activate \(model.prefix(12))'."
                ])
                .joined(separator: "\n")
        }
        lines.append(
            "It is active" + (previous.isEmpty ? "." : ", in place of \(previous.prefix(12)).")
                + " Back: 'linewatch model rollback \(inspect) --yes'.")
        lines.append(levelText)
        if references == 1 {
            lines.append("One part alone says little of how good parts differ: teach with two or more.")
        }
        return lines.joined(separator: "\n")
    }

    private var levelText: String {
        guard level != "calibrated" else { return "Level: calibrated." }
        let claim = "Level: \(level): OK is given and flagged, and no false-reject rate is promised."
        guard let missing, missing > 0 else { return claim }
        let rate = askedPpm.map { "at most \(decimals($0 / 10_000, 2)) %" } ?? "the rate in the settings"
        return claim + " \(missing) more good parts, confirmed with 'linewatch mark SEQ ok' or "
            + "'linewatch teach start \(inspect) --kind calibration', would support \(rate)."
    }
}
