/// What a good part is called and what can be wrong with it, in words: what AdaCLIP looks for.
package struct ClassWords: Sendable, Hashable {
    /// Synonyms, as in "steel bracket"; at least one.
    package let names: [String]
    /// States of a good part, as in "polished", beside the built-in ones.
    package let good: [String]
    /// Defects, as in "scratch", beside the built-in ones.
    package let bad: [String]

    /// The name of anything.
    package static let object = ClassWords(trusted: ["object"], [], [])
    /// Synonyms.
    package static let mostNames = 16
    /// Characters of a name or a word.
    package static let mostCharacters = 64

    private init(trusted names: [String], _ good: [String], _ bad: [String]) {
        (self.names, self.good, self.bad) = (names, good, bad)
    }

    /// Throws `text` naming the first name or word that is empty, too long, given twice, or has control characters, or
    /// the first name if there are too many.
    package init(names: [String], good: [String] = [], bad: [String] = []) throws(ModelError) {
        guard !names.isEmpty else { throw .text(.classWord("", reason: "there is no name")) }
        guard names.count <= Self.mostNames else {
            throw .text(
                .classWord(names[0], reason: "it is one of \(names.count) names, at most \(Self.mostNames)"))
        }
        for list in [names, good, bad] {
            var known: Set<String> = []
            for word in list {
                if let reason = Self.fault(word) { throw .text(.classWord(word, reason: reason)) }
                guard known.insert(word.lowercased()).inserted else {
                    throw .text(.classWord(word, reason: "it is given twice"))
                }
            }
        }
        self.init(trusted: names, good, bad)
    }

    private static func fault(_ word: String) -> String? {
        if word.allSatisfy(\.isWhitespace) { return "it is empty" }
        if word.count > mostCharacters { return "it has \(word.count) characters, at most \(mostCharacters)" }
        let hasControl = word.unicodeScalars.contains { $0.properties.generalCategory == .control }
        return hasControl ? "it has a control character" : nil
    }
}

extension ClassWords {
    // The states of AdaCLIP's prompts (METHODS.md 3.1 D); {} is the name.
    private static let normalStates = [
        "{}", "flawless {}", "perfect {}", "unblemished {}", "{} without flaw", "{} without defect",
        "{} without damage",
    ]
    private static let abnormalStates = [
        "damaged {}", "broken {}", "{} with flaw", "{} with defect", "{} with damage",
    ]
    private static let templates = [
        "a bad photo of a {}.", "a low resolution photo of the {}.", "a bad photo of the {}.",
        "a cropped photo of the {}.",
    ]

    /// The sentences that say that all is well.
    package var normalSentences: [String] { sentences(Self.normalStates + good.map { $0 + " {}" }) }

    /// The sentences that say that something is wrong.
    package var abnormalSentences: [String] { sentences(Self.abnormalStates + bad.map { "{} with " + $0 }) }

    private func sentences(_ states: [String]) -> [String] {
        names.flatMap { name in
            let name = name.replacing("-", with: " ")
            return states.flatMap { state in
                Self.templates.map { $0.replacing("{}", with: state.replacing("{}", with: name)) }
            }
        }
    }
}
