import Configuration
import EventStorage
import Events
import FoundationEssentials
import Inspection
import Logging
import Platform
import Sockets

/// A product that was put into service and has yet to show that it is no worse than the one before it.
struct Probation: Sendable {
    /// Monotonic nanoseconds of the activation, and the counts at that time.
    var since = MonotonicClock.now
    var parts: Int
    var deadlines: Int

    /// Why the product has to go; the raw values are `a` of event 1403.
    enum Cause: Int32 {
        case byHand = 0
        case crash, latency, scoreShift
    }
}

extension InspectionControl {
    private func marker(_ name: String) -> String { shelf.folder + "/inspections/" + name + "/probation" }

    /// Begins the probation of `name`'s product, if there is one to return to.
    func beginProbation(_ name: String) {
        guard shelf.directory(of: name, previous: true) != nil, settings.model.probationParts > 0 else {
            return
        }
        let counts = core.tally.snapshot
        probations[name] = Probation(parts: Int(counts.all), deadlines: Int(counts.deadlines))
        // What survives a crash: the next start then knows what it was that fell.
        try? writeAtomically(marker(name), Array("\(WallClock.now)\n".utf8))
        core.update { $0.present.insert(.modelProbation) }
    }

    func endProbation(_ name: String) {
        probations[name] = nil
        try? FileManager.default.removeItem(atPath: marker(name))
        if probations.isEmpty { core.update { $0.present.remove(.modelProbation) } }
    }

    /// Products that were in probation when the daemon fell: they are not trusted again.
    func returnAfterCrash() async {
        for name in inspections.map(\.settings.name)
        where FileManager.default.fileExists(atPath: marker(name)) {
            await giveUp(name, .crash)
        }
    }

    /// Ends probations that were passed, and returns to the product before where one failed (OPERATIONS 9).
    func watchProbation() async {
        let counts = core.tally.snapshot
        for (name, probation) in probations {
            let parts = Int(counts.all) - probation.parts
            let late = Int(counts.deadlines) - probation.deadlines
            // p99 over the deadline: more than one in a hundred came too late.
            if parts >= 100, late * 100 > parts {
                await giveUp(name, .latency)
            } else if hasShifted(name, counts) {
                await giveUp(name, .scoreShift)
            } else if parts >= settings.model.probationParts,
                MonotonicClock.now - probation.since >= settings.model.probationMinimum.nanoseconds
            {
                say(.notice, "model", "Inspection '\(name)': the model has passed its probation.")
                endProbation(name)
            }
        }
    }

    /// Whether good parts score otherwise than those that the model was calibrated with.
    private func hasShifted(_ name: String, _ counts: ResultTally.Counts) -> Bool {
        guard let inspection = inspections.first(where: { $0.settings.name == name }),
            inspection.threshold?.level == .calibrated, let calibration = inspection.calibration,
            let recent = counts.recent[calibration.id], recent.count >= settings.drift.window
        else { return false }
        let sample = inspection.goodParts.sample
        return DriftTest.probability(Array(recent.suffix(settings.drift.window)), against: sample)
            < settings.drift.pAlarm
    }

    private func giveUp(_ name: String, _ cause: Probation.Cause) async {
        endProbation(name)
        let causes: [Probation.Cause: ModelSettings.RollbackCause] = [
            .crash: .crash, .latency: .latency, .scoreShift: .scoreShift,
        ]
        guard let known = causes[cause], settings.model.rollbackOn.contains(known) else { return }
        do {
            _ = try await rollBack(name, cause: cause)
            say(.warning, "model", "Inspection '\(name)' is back with the model before: \(known.rawValue).")
        } catch {
            say(.error, "model", "Inspection '\(name)' cannot return to its model before: \(error.message)")
        }
    }
}
