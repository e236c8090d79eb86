import AnomalyModels
import Configuration
import EventStorage
import Events
import Logging
import Platform
import Sockets

extension InspectionControl {
    /// Gives the class of `name` other words, for good: kept in the state folder, they win over the settings. nil: those
    /// of the settings count again (PROTOCOL.md 4.3).
    func setWords(_ name: String, _ request: AdminRequest.ClassWords?) async throws(Refusal) -> [JSONMember] {
        var changed = try inspection(name)
        do {
            let words = try request.map {
                try ClassWords(names: [$0.className] + $0.moreNames, good: $0.good, bad: $0.bad)
            }
            if let words { try check(words, for: changed.settings) }
            try shelf.set(words, for: name)
        } catch let error as ModelError {
            throw Refusal(.badArgument, key: "class_name", message: "\(error)")
        } catch { throw Refusal(.storageError, message: "\(error)") }
        if changed.product == nil {
            await loadZeroShot(&changed, readingWords: true)
            replace(changed)
            await seatAll()
            updateRules()
        }
        let words = changed.zeroShot?.words
        return [
            JSONMember("inspect", .text(name)),
            JSONMember("class_name", .text(words?.names.first ?? changed.settings.className.first ?? "")),
            JSONMember("more_names", .array((words?.names ?? []).dropFirst().map { .text($0) })),
            JSONMember("model", .text(changed.digest)),
        ]
    }

    /// What words would make of the newest frame of `unit`, with the regions of the first inspection that looks there;
    /// nothing changes (PROTOCOL.md 4.3).
    func tryWords(_ request: AdminRequest.ClassWords, at unit: CameraUnit) async throws(Refusal) -> AdminReply
    {
        guard let inspection = inspections.first(where: { $0.settings.camera == unit.settings.id }) else {
            throw Refusal(.notFound, message: "No inspection looks at camera \(unit.title).")
        }
        let (building, settings) = (building, inspection.settings)
        let trial: Result<WordTrial, any Error> = await Task.detached(priority: .utility) {
            Result {
                let words = try ClassWords(
                    names: [request.className] + request.moreNames, good: request.good, bad: request.bad)
                return try WordTrial(words, settings, unit, building)
            }
        }.value
        Memory.releaseFreed()
        switch trial {
        case .success(let trial):
            return .blob(
                trial.picture,
                members: [
                    JSONMember("inspect", .text(settings.name)),
                    JSONMember("sc", .integer(Int64(trial.printedScore))),
                    JSONMember("score", .number(Double(trial.score))),
                    JSONMember("object_score", .number(Double(trial.objectScore))),
                    JSONMember("limit", .number(Double(trial.limit))),
                    JSONMember("infer_ms", .number(Double(trial.nanoseconds) / 1e6)),
                ])
        case .failure(let error as ModelError):
            if case .text = error { throw Refusal(.badArgument, key: "class_name", message: "\(error)") }
            throw Refusal(.modelInvalid, message: "\(error)")
        case .failure(let error as WordTrialError): throw Refusal(.notFound, message: "\(error)")
        case .failure(let error): throw Refusal(.internal, message: "\(error)")
        }
    }

    /// Reads `words` before they count. Throws `ModelError.text` if that cannot be; what else is wrong is said when they
    /// are loaded.
    private func check(_ words: ClassWords, for settings: InspectionSettings) throws(ModelError) {
        do { _ = try building.zeroShot(of: settings, with: words, reading: true) } catch ModelError.text(
            let error)
        {
            throw .text(error)
        } catch {}
    }
}

// Words that nobody has read yet take seconds: the text network has to be packed for every length of a sentence. A start
// does not wait for that. The station begins, the inspection is untaught, and the words follow.
extension InspectionControl {
    /// Lets the words of the class judge an untaught inspection, by the good parts that were confirmed under them.
    /// What cannot be loaded is said once.
    func loadZeroShot(_ inspection: inout ActiveInspection, readingWords: Bool) async {
        do {
            let words = try building.zeroShot(of: inspection.settings, reading: readingWords)
            try take(words, for: &inspection)
        } catch { sayWordless(&inspection, "\(error)") }
    }

    /// Reads the words that were left out at the start, beside everything else, and lets them judge.
    func readWords() {
        let unread = inspections.filter(\.hasUnreadWords).map(\.settings)
        guard !unread.isEmpty else { return }
        let building = building
        Task.detached(priority: .utility) { [self] in
            for settings in unread {
                let words = Result { try building.zeroShot(of: settings, reading: true) }
                await self.seat(words, settings)
            }
        }
    }

    /// Unless something else judges by now, or has other words.
    private func seat(_ words: Result<InspectorBuilding.Words, any Error>, _ settings: InspectionSettings)
        async
    {
        guard var changed = inspections.first(where: { $0.settings.name == settings.name }),
            changed.hasUnreadWords, changed.settings.hasSameWords(as: settings), changed.product == nil
        else { return }
        do { try take(words.get(), for: &changed) } catch { sayWordless(&changed, "\(error)") }
        replace(changed)
        if let unit = core.unit(UInt8(clamping: settings.camera)) { await seat(unit) }
        updateRules()
    }

    private func take(_ words: InspectorBuilding.Words, for inspection: inout ActiveInspection) throws {
        (inspection.zeroShot, inspection.hasUnreadWords) = (nil, false)
        switch words {
        case .none: return
        case .unread: inspection.hasUnreadWords = true
        case .read(let zeroShot):
            inspection.zeroShot = zeroShot
            let known = try core.log.reader.calibration(
                inspect: inspection.settings.name, model: inspection.digest)
            inspection.calibration = known.flatMap { $0.isEmpty ? nil : $0 }
        }
    }

    private func sayWordless(_ inspection: inout ActiveInspection, _ reason: String) {
        (inspection.zeroShot, inspection.hasUnreadWords) = (nil, false)
        say(
            .error, "model",
            "Inspection '\(inspection.settings.name)' has no zero-shot head and judges nothing until it is taught: "
                + reason)
    }
}

extension InspectionSettings {
    /// Whether a zero-shot head sees the same under both.
    func hasSameWords(as other: InspectionSettings) -> Bool {
        head == other.head && className == other.className && goodWords == other.goodWords
            && badWords == other.badWords
    }
}
