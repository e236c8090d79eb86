import EventStorage
import Events
import Inspection
import Sockets

// What operators say of results. A newer mark replaces an older one, also in what the older one has changed.
extension InspectionControl {
    /// Stores an operator's verdict; a part that was rejected falsely joins the good parts of the calibration.
    func mark(_ mark: Sockets.Mark) async throws(Refusal) {
        let result: InspectionResult
        do {
            guard case .result(let found) = try core.log.reader.record(at: mark.seq).body else {
                throw Refusal(.notFound, message: "Record \(mark.seq) is not a result.")
            }
            result = found
        } catch let refusal as Refusal { throw refusal } catch { throw Refusal(.notFound) }
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
            if let judged = inspections.first(where: { $0.model == result.model && $0.model != 0 }) {
                warnOfAcceptedDefects(judged)
            }
            try withdraw(mark.seq, of: result.camera, from: "proposed")
            try keepMissed(result, box, seq: mark.seq)
        }
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
}
