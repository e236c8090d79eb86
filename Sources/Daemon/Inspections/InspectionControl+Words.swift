import AnomalyModels
import Configuration
import Events
import Sockets

extension InspectionControl {
    /// Gives the class of `name` other words, for good: kept in the state folder, they win over the settings. nil: those
    /// of the settings count again (PROTOCOL.md 4.3).
    func setWords(_ name: String, _ request: AdminRequest.ClassWords?) async throws(Refusal) -> [JSONMember] {
        var changed = try inspection(name)
        do {
            let words = try request.map {
                try ClassWords(names: [$0.className], good: $0.good, bad: $0.bad)
            }
            try shelf.set(words, for: name)
        } catch let error as ModelError {
            throw Refusal(.badArgument, key: "class_name", message: "\(error)")
        } catch { throw Refusal(.storageError, message: "\(error)") }
        if changed.product == nil {
            await loadZeroShot(&changed)
            replace(changed)
            await seatAll()
            updateRules()
        }
        let words = changed.zeroShot?.words
        return [
            JSONMember("inspect", .text(name)),
            JSONMember("class_name", .text(words?.names.first ?? changed.settings.className.first ?? "")),
            JSONMember("model", .text(changed.digest)),
        ]
    }
}

extension InspectionSettings {
    /// Whether a zero-shot head sees the same under both.
    func hasSameWords(as other: InspectionSettings) -> Bool {
        head == other.head && className == other.className && goodWords == other.goodWords
            && badWords == other.badWords
    }
}
