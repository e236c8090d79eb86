internal import AnomalyModels
package import Events
package import Imaging
package import Inference
package import Kernels
internal import ModelPackages
package import Platform

/// Everything that is looked for in the frames of one camera: a frame in, an outcome out.
///
/// Compiled for one pixel format and size of frames. One thread at a time uses it; it is handed from thread to
/// thread whole. Looking at a frame allocates nothing, locks nothing and logs nothing.
@safe
package final class FrameInspector: @unchecked Sendable {
    // @unchecked: its owner hands it over through a mailbox and never touches it again.
    package let format: PixelFormat
    package let size: Size
    /// Rules for these very networks, taken between two frames; always one per inspection, in their order.
    package let newRules = Mailbox<[InspectionRule]>()
    private var rules: [InspectionRule]
    private let inspections: [CompiledInspection]
    private let quality: QualityGate?
    var debounces: [Debounce?]
    private var regions: ConnectedRegions
    /// Cells of the heat-map of the whole frame, and the side of one in pixels.
    package let heatSize: Size
    package static let heatCell = 8

    /// The cells of the heat-map of a frame of `size`.
    package static func heatSize(of size: Size) -> Size {
        Size(width: (size.width + heatCell - 1) / heatCell, height: (size.height + heatCell - 1) / heatCell)
    }

    private struct CompiledInspection {
        let index: UInt8
        let regions: [RegionInspector]
        let regionCount: Int
        let model: UInt64
        /// What it says where it has no network.
        let blank: Judgement
    }

    /// Compiles `plans` for frames of `format` and `size`. Blocks for some tenths of a second.
    ///
    /// Throws what loading the networks throws.
    /// - Precondition: as many `rules` as `plans`; every region lies inside the frame.
    package init(
        _ plans: [InspectionPlan], rules: [InspectionRule], format: PixelFormat, size: Size,
        kernels: KernelTable, pool: TensorPool, quality: QualityLimits
    ) throws {
        precondition(plans.count == rules.count, "\(rules.count) rules for \(plans.count) inspections")
        (self.format, self.size, self.rules) = (format, size, rules)
        debounces = rules.map(\.debounce)
        inspections = try plans.map { plan in
            var regions: [RegionInspector] = []
            if let taught = plan.taught {
                regions = try zip(plan.regions, taught.banks).map { region, bank in
                    let detector = try PatchDetector(
                        bank, trunk: taught.trunk, size: region.input, kernels: kernels, pool: pool)
                    return try RegionInspector(
                        region, detector, kinds: plan.kinds, format: format, frame: size, kernels: kernels,
                        pool: pool)
                }
            } else if let zeroShot = plan.zeroShot, !plan.isBroken {
                regions = try plan.regions.map { region in
                    let detector = try zeroShot.head.detector(
                        zeroShot.columns, tower: zeroShot.trunk, size: region.input, kernels: kernels,
                        pool: pool)
                    return try RegionInspector(
                        region, detector, kinds: plan.kinds, format: format, frame: size, kernels: kernels,
                        pool: pool)
                }
            }
            return CompiledInspection(
                index: plan.index, regions: regions, regionCount: plan.regions.count,
                model: plan.model,
                blank: Judgement(plan.isBroken ? .modelNotReady : .uncalibrated))
        }
        self.quality =
            try quality.isOff
            ? nil : QualityGate(quality, format: format, frame: size, kernels: kernels)
        let cells = inspections.flatMap(\.regions).map { $0.columns * $0.rows }.max() ?? 0
        self.regions = ConnectedRegions(cellCount: max(cells, 1), capacity: Outcome.findingCapacity)
        heatSize = Self.heatSize(of: size)
    }

    /// Takes the rules that were put into `newRules`, if any; the old ones go back for their owner to release.
    /// Debouncing begins anew only where its own numbers changed. Allocation-free; for a worker between two frames.
    package func exchangeRules() {
        guard newRules.exchange(&rules) else { return }
        for index in debounces.indices {
            let rule = rules[index].debounce
            let isSame =
                rule?.needed == debounces[index]?.needed && rule?.window == debounces[index]?.window
                && rule?.release == debounces[index]?.release
            if !isSame { debounces[index] = rule }
        }
    }

    /// Looks at a frame and completes `outcome`, which already says which trigger it belongs to.
    ///
    /// - Parameter validRows: rows that are real; fewer than all only in strips of a line-scan camera.
    package func inspect(_ view: ImageView, validRows: Int, into outcome: inout Outcome) {
        guard view.format == format, view.size == size else {
            (outcome.verdict, outcome.reason) = (.invalid, .badBuffer)
            return
        }
        guard quality?.passes(view) ?? true else {
            (outcome.verdict, outcome.reason) = (.invalid, .imageQuality)
            return
        }
        var frame = FrameVerdict()
        for (number, inspection) in inspections.enumerated() {
            let rule = rules[number]
            var raw: Float = 0, best = inspection.blank
            if inspection.regions.isEmpty {
                // Nothing was taught, or it cannot be used: nobody can say anything about this part.
                for region in 0..<inspection.regionCount { add(region, inspection, best, to: &outcome) }
            } else {
                for (region, inspector) in inspection.regions.enumerated() {
                    let look = inspector.look(
                        at: view, validRows: validRows, limit: rule.threshold?.limit)
                    outcome.stageMicroseconds[1] += UInt32(clamping: look.preparation / 1_000)
                    outcome.stageMicroseconds[2] += UInt32(clamping: look.network / 1_000)
                    let started = MonotonicClock.now - look.describing
                    let judgement = rule.judge(look.score)
                    raw = RegionInspector.worse(raw, look.score)
                    add(region, inspection, judgement, to: &outcome)
                    if judgement.verdict != .ok { find(inspector, rule, look.score, in: &outcome) }
                    outcome.stageMicroseconds[3] += UInt32(clamping: (MonotonicClock.now - started) / 1_000)
                }
                best = debounced(number, rule.judge(raw), &outcome)
            }
            let worst = frame.worst
            frame.add(best)
            // The inspection that decides says by which limit and with which model.
            if number == 0 || frame.worst != worst {
                (outcome.rawScore, outcome.rawThreshold) = (raw, rule.threshold?.limit ?? 0)
                (outcome.model, outcome.calibration) = (inspection.model, rule.calibration)
            }
            if rule.threshold?.level != .calibrated { outcome.flags.insert(.notCalibrated) }
        }
        finish(frame, &outcome)
    }

    /// Calls `body` with every region that has a network, and the threshold of its inspection.
    func forEachRegion(_ body: (RegionInspector, Float) -> Void) {
        for (number, inspection) in inspections.enumerated() {
            for region in inspection.regions { body(region, rules[number].threshold?.limit ?? 0) }
        }
    }

    /// Debouncing as it is before the first strip.
    var ruleDebounces: [Debounce?] { rules.map(\.debounce) }

    private func finish(_ frame: FrameVerdict, _ outcome: inout Outcome) {
        (outcome.verdict, outcome.reason) = (frame.worst.verdict, frame.worst.reason)
        outcome.score = frame.worst.score
        if frame.isPartial { outcome.flags.insert(.partial) }
        if outcome.findingCount > 0 { outcome.box = outcome.findings[0].box }
        if outcome.findingCount > 1 { outcome.flags.insert(.severalBoxes) }
    }

    private func add(
        _ region: Int, _ inspection: CompiledInspection, _ judgement: Judgement, to outcome: inout Outcome
    ) {
        guard Int(outcome.regionCount) < Outcome.regionCapacity else { return }
        var verdict = RegionVerdict()
        (verdict.inspection, verdict.region) = (inspection.index, UInt8(clamping: region))
        (verdict.verdict, verdict.reason, verdict.score) = (
            judgement.verdict, judgement.reason, judgement.score
        )
        outcome.regions[Int(outcome.regionCount)] = verdict
        outcome.regionCount += 1
    }

    private func debounced(_ number: Int, _ judgement: Judgement, _ outcome: inout Outcome) -> Judgement {
        guard debounces[number] != nil else { return judgement }
        // Applied in place: a copy would lose the history.
        let result = debounces[number]?.apply(to: judgement)
        if result?.wasChanged == true { outcome.flags.insert(.debounced) }
        return result?.judgement ?? judgement
    }

    /// Puts the regions above the threshold among the findings, the highest score first.
    private func find(
        _ inspector: RegionInspector, _ rule: InspectionRule, _ score: Float, in outcome: inout Outcome
    ) {
        guard let threshold = rule.threshold else { return }
        let columns = inspector.columns
        inspector.withMap { map in
            regions.find(in: map, columns: columns, above: threshold.limit, minimumArea: 2)
            // Better a single cell than a part that is NG nowhere.
            if regions.found.isEmpty { regions.find(in: map, columns: columns, above: threshold.limit) }
        }
        let cellArea = inspector.cellWidth * inspector.cellHeight
        for component in regions.found {
            var finding = Finding()
            finding.box = Box(
                inspector.box(
                    left: component.left, top: component.top, right: component.right, bottom: component.bottom
                ))
            finding.score = threshold.printedScore(component.peak)
            finding.area = UInt32(clamping: Int((Double(component.area) * cellArea).rounded()))
            if let description = inspector.description(of: component) {
                outcome.describe(&finding, as: description)
            }
            insert(finding, into: &outcome)
        }
    }

    private func insert(_ finding: Finding, into outcome: inout Outcome) {
        var position = Int(outcome.findingCount)
        while position > 0, outcome.findings[position - 1].score < finding.score { position -= 1 }
        guard position < Outcome.findingCapacity else { return }
        var last = min(Int(outcome.findingCount), Outcome.findingCapacity - 1)
        outcome.findingCount = UInt8(last + 1)
        while last > position {
            outcome.findings[last] = outcome.findings[last - 1]
            last -= 1
        }
        outcome.findings[position] = finding
    }
}

extension Box {
    /// `region`, which lies inside a frame.
    init(_ region: Region) {
        self.init(
            x: UInt16(clamping: region.x), y: UInt16(clamping: region.y),
            width: UInt16(clamping: region.width), height: UInt16(clamping: region.height))
    }
}
