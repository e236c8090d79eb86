import Configuration
import EventStorage
import Events
import Inspection
import Platform
import Sockets

extension InspectionControl {
    /// What `threshold.show` says: a rate only where the level is calibrated (OPERATIONS O19).
    func thresholdMembers(_ inspection: ActiveInspection) -> [JSONMember] {
        let threshold = inspection.threshold, claim = inspection.claim
        let count = inspection.goodParts.sample.count
        var members = [
            JSONMember("inspect", .text(inspection.settings.name)),
            JSONMember("level", .text("\(threshold?.level ?? CalibrationLevel.none)")),
            JSONMember("model", .text(String(inspection.digest.prefix(12)))),
            JSONMember("calib", .integer(Int64(inspection.calibration?.id ?? 0))),
            JSONMember("limit", .number(Double(threshold?.limit ?? 0))),
            JSONMember("median", .number(Double(threshold?.median ?? 0))),
            JSONMember("parts", .integer(Int64(count))),
            JSONMember("mode", .text(inspection.fixedLimit == nil ? "ok_only" : "fixed")),
            JSONMember("asked_ppm", .integer(Int64((claim.rate * 1e6).rounded()))),
            JSONMember("missing", .integer(Int64(max(0, claim.fewestParts - count)))),
        ]
        members += evidence(for: inspection).members
        if let failure = inspection.failure { members.append(JSONMember("failure", .text(failure))) }
        guard let threshold, threshold.level == .calibrated else { return members }
        let bound = Binomial.upperBound(
            failures: threshold.rejectCount, of: threshold.partCount, confidence: claim.confidence)
        return members + [
            JSONMember("ppm", .integer(Int64((claim.rate * 1e6).rounded()))),
            JSONMember("bound_ppm", .integer(Int64((bound * 1e6).rounded(.up)))),
            JSONMember("confidence", .number(claim.confidence)),
        ]
    }

    /// What supports the threshold, and what one part more or less would change.
    func explanation(of inspection: ActiveInspection) -> [JSONMember] {
        let good = inspection.goodParts, sample = good.sample, claim = inspection.claim
        let supported = Binomial.upperBound(failures: 0, of: sample.count, confidence: claim.confidence)
        let highest = good.parts.filter { !$0.isReference }.sorted { $0.score > $1.score }.prefix(5)
        func limit(dropping count: Int) -> Double {
            var parts = good.parts
            if count > 0, let index = parts.indices.max(by: { parts[$0].score < parts[$1].score }) {
                parts.remove(at: index)
            } else if let last = parts.last {
                parts.append(last)
            }
            let changed = GoodParts(parts: parts, leaveOneOutScores: good.leaveOneOutScores)
            return Double(changed.threshold(for: claim)?.limit ?? 0)
        }
        return thresholdMembers(inspection) + [
            JSONMember("rejects", .integer(Int64(inspection.threshold?.rejectCount ?? 0))),
            JSONMember("intervals", .integer(Int64(good.intervalCount))),
            JSONMember("supported_ppm", sample.isEmpty ? .null : .number((supported * 1e6).rounded(.up))),
            JSONMember("needed", .integer(Int64(claim.fewestParts))),
            JSONMember("histogram", .array(Self.histogram(sample + good.leaveOneOutScores))),
            JSONMember(
                "highest",
                .array(
                    highest.map {
                        .object([
                            JSONMember("score", .number(Double($0.score))),
                            JSONMember("ts", .integer($0.timeMilliseconds)),
                        ])
                    })),
            JSONMember("one_more", .number(limit(dropping: 0))),
            JSONMember("one_less", .number(limit(dropping: 1))),
            JSONMember("marked", evidence(for: inspection).list),
            JSONMember("warning", .text(evidence(for: inspection).warning(inspection.settings.name) ?? "")),
            JSONMember("note", .text(Self.note(inspection, sample.count))),
        ]
    }

    private static func note(_ inspection: ActiveInspection, _ count: Int) -> String {
        switch inspection.threshold?.level ?? .none {
        case .none: "Nothing was taught: no part is OK. Teach good parts with 'linewatch teach'."
        case .provisional:
            "OK is given, without a rate: \(count) good part\(count == 1 ? "" : "s") known, "
                + "\(inspection.claim.fewestParts) from three intervals support the rate that is asked for."
        case .calibrated:
            "The rate is of good parts that are not accepted. Nothing is said about defects that pass: "
                + "that would need real defects."
        }
    }

    private static func histogram(_ scores: [Float]) -> [JSONValue] {
        guard let least = scores.min(), let most = scores.max(), most > least else { return [] }
        let width = (most - least) / 10
        return (0..<10).map { bin in
            let from = least + Float(bin) * width, to = bin == 9 ? most : from + width
            let count = scores.count { $0 >= from && ($0 < to || (bin == 9 && $0 <= most)) }
            return .array([.number(Double(from)), .number(Double(to)), .integer(Int64(count))])
        }
    }

    /// Sets what the operator wants; refuses a rate that the sample cannot support, with both numbers.
    func setThreshold(
        _ name: String, _ wanted: AdminRequest.Threshold
    ) async throws(Refusal) -> [JSONMember] {
        var changed = try inspection(name)
        let old = changed.threshold?.limit ?? 0
        switch wanted {
        case .raw(let raw): changed.chosen = .raw(Float(raw))
        case .ppm(let ppm): changed.chosen = .ppm(Int(ppm))
        }
        guard !changed.digest.isEmpty else {
            throw Refusal(.notFound, message: "'\(name)' was not taught yet: a threshold needs a model.")
        }
        if case .ppm = wanted {
            let count = changed.goodParts.sample.count
            guard changed.claim.permittedRejects(among: count) != nil else {
                throw Refusal(.insufficientSamples, a: UInt64(changed.claim.fewestParts), b: UInt64(count))
            }
        }
        do {
            let calibration = changed.calibration
            changed.calibration = try await store(
                changed, parts: calibration?.parts ?? [],
                leaveOneOutScores: calibration?.leaveOneOutScores ?? [])
            if let chosen = changed.chosen { try shelf.set(chosen, for: name) }
        } catch { throw Refusal(.storageError, message: "\(error)") }
        replace(changed)
        updateRules()
        core.raise(
            Event(
                .thresholdChanged, severity: .notice, a: Int32(clamping: Int((old * 1e4).rounded())),
                b: Int32(clamping: Int(((changed.threshold?.limit ?? 0) * 1e4).rounded()))))
        warnOfAcceptedDefects(changed)
        let warning = evidence(for: changed).warning(name) ?? ""
        return thresholdMembers(changed) + [JSONMember("warning", .text(warning))]
    }

    // MARK: Drift

    /// Ends what a drift alarm holds.
    func releaseDrift() {
        core.update { $0.present.remove(.scoreDrift) }
        for index in inspections.indices { inspections[index].isHeld = false }
        updateRules()
    }

    /// Compares the newest OK scores of every calibrated inspection with its good parts (OPERATIONS 8).
    func testDrift() {
        let recent = core.tally.snapshot.recent
        for index in inspections.indices {
            guard let calibration = inspections[index].calibration, !inspections[index].isHeld,
                let scores = recent[calibration.id], scores.count >= settings.drift.window
            else { continue }
            let newest = Array(scores.suffix(settings.drift.window))
            let probability = DriftTest.probability(newest, against: inspections[index].goodParts.sample)
            driftProbabilities[inspections[index].settings.name] = probability
            guard probability < settings.drift.pAlarm, !core.state.present.contains(.scoreDrift) else {
                continue
            }
            core.raise(
                Event(
                    .scoreDrift, severity: .warning,
                    camera: UInt8(clamping: inspections[index].settings.camera),
                    a: Int32(probability * 1e6), b: Int32(newest.count)))
            core.update { $0.present.insert(.scoreDrift) }
            if settings.drift.action == .hold {
                inspections[index].isHeld = true
                updateRules()
            }
        }
    }
}
