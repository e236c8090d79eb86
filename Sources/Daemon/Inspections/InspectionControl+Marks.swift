import AnomalyModels
import Configuration
package import EventStorage
import Events
import Inspection
import Logging
import ModelPackages
import Platform
import Sockets

// What operators say of results. A newer mark replaces an older one, also in what the older one has changed.
extension InspectionControl {
    /// Stores an operator's verdict; a part that was rejected falsely joins the good parts of the calibration.
    func mark(_ mark: Sockets.Mark) async throws(Refusal) {
        let result = try result(mark.seq)
        let stored: EventStorage.Mark
        switch mark.verdict {
        case .ok(let absorb):
            stored = EventStorage.Mark(seq: mark.seq, verdict: .ok, absorb: absorb, box: Box(), uid: 0)
        case .ng(let box):
            stored = EventStorage.Mark(seq: mark.seq, verdict: .ng, absorb: false, box: box, uid: 0)
        }
        let log = core.log
        let answer = await withCheckedContinuation { continuation in
            log.mark(stored) { continuation.resume(returning: $0) }
        }
        do { try answer.get() } catch { throw Refusal(.notFound, message: "\(error)") }
        switch mark.verdict {
        case .ok(let absorb):
            try withdraw(mark.seq, of: result.camera, from: "missed")
            try await confirm(result)
            if absorb { try propose(result, seq: mark.seq) }
        case .ng(let box):
            try await withdrawGood(result)
            if let judged = inspections.first(where: { $0.model == result.model && $0.model != 0 }) {
                warnOfAcceptedDefects(judged)
            }
            warnOfLearned(mark.seq, of: result.camera)
            try withdraw(mark.seq, of: result.camera, from: "proposed")
            try keepMissed(result, box, seq: mark.seq)
        }
    }

    /// The result `seq`. Throws why there is none.
    func result(_ seq: UInt64) throws(Refusal) -> InspectionResult {
        do throws(EventLogError) {
            if case .result(let found) = try core.log.reader.record(at: seq).body { return found }
        } catch .notFound {
            throw .noRecord(seq, in: StoredRecords(core.log).span)
        } catch {
            throw Refusal(.storageError, message: "\(error)")
        }
        throw Refusal(
            .notFound, key: "seq", message: "Record \(seq) is no result: 'linewatch events tail' shows those."
        )
    }

    /// Adds the part of `result` to the good parts that its inspection's threshold rests on.
    private func confirm(_ result: InspectionResult) async throws(Refusal) {
        guard let raw = result.rawScore, result.model != 0,
            var judged = inspections.first(where: { $0.model == result.model })
        else { return }
        let known = judged.calibration
        let part = StoredCalibration.Part(
            score: raw, timeMilliseconds: result.timeMilliseconds, isReference: false)
        // A part that is marked twice counts once.
        guard known?.parts.contains(part) != true else { return }
        do {
            judged.calibration = try await store(
                judged, parts: (known?.parts ?? []) + [part],
                leaveOneOutScores: known?.leaveOneOutScores ?? [])
        } catch { throw Refusal(.storageError, message: "\(error)") }
        replace(judged)
        updateRules()
        warnOfAcceptedDefects(judged)
    }

    /// Takes the part of `result` back out of the good parts, where an earlier mark or a set of `teach` had put it: of
    /// the model that judged it, also if another one judges now, for a rollback brings the old one's back.
    private func withdrawGood(_ result: InspectionResult) async throws(Refusal) {
        guard let raw = result.rawScore, result.model != 0 else { return }
        let part = StoredCalibration.Part(
            score: raw, timeMilliseconds: result.timeMilliseconds, isReference: false)
        do {
            for inspection in inspections where inspection.settings.camera == Int(result.camera) {
                guard var known = try goodParts(of: inspection, model: result.model),
                    known.parts.contains(part)
                else { continue }
                known.parts.removeAll { $0 == part }
                let fewer =
                    inspection.calibration(
                        parts: known.parts, leaveOneOutScores: known.leaveOneOutScores, of: known.model)
                    ?? known.emptied
                let stored = try await store(fewer)
                // The actor was free meanwhile.
                guard var judged = inspections.first(where: { $0.settings.name == fewer.inspect }),
                    judged.digest == fewer.model
                else { continue }
                judged.calibration = stored.isEmpty ? nil : stored
                replace(judged)
                updateRules()
            }
        } catch { throw Refusal(.storageError, message: "\(error)") }
    }

    /// What is known of the good parts of `inspection` under `model`, of whatever day.
    private func goodParts(
        of inspection: ActiveInspection, model: UInt64
    ) throws(EventLogError) -> StoredCalibration? {
        if inspection.model == model { return inspection.calibration }
        return try core.log.reader.calibrations(inspect: inspection.settings.name)
            .first { UInt64($0.model.prefix(12), radix: 16) == model }
    }

    /// Says it where the product that judges was taught with the proposed part `seq`: only teaching anew forgets it.
    private func warnOfLearned(_ seq: UInt64, of camera: UInt8) {
        for inspection in inspections where inspection.settings.camera == Int(camera) {
            let name = inspection.settings.name
            guard let product = inspection.product, let proposed = proposed(seq, of: name),
                (0..<product.taught.referenceCount).contains(where: { index in
                    let file = try? product.package.file("references/\(index).png")
                    return file.map { unsafe $0.withUnsafeBytes { unsafe $0.elementsEqual(proposed) } }
                        ?? false
                })
            else { continue }
            say(
                .warning, "model",
                "Result \(seq) is marked as defective, and '\(name)' has learned it as a good part. Teach again: "
                    + "'linewatch teach \(name)' as before; the part is no longer proposed.")
        }
    }
}

extension StoredCalibration {
    /// The same without any part: nothing is known of good parts any more.
    fileprivate var emptied: StoredCalibration {
        var empty = self
        (empty.level, empty.ppm, empty.boundPPM) = (CalibrationLevel.provisional.rawValue, nil, nil)
        (empty.parts, empty.leaveOneOutScores, empty.timeMilliseconds) = ([], [], WallClock.now)
        return empty
    }

    /// Whether it was `emptied`: it then says only that no older one holds.
    package var isEmpty: Bool { parts.isEmpty && leaveOneOutScores.isEmpty }
}
