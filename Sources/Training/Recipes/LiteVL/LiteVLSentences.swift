/// The sentences that pictures of practice kinds are to meet: one for each name of a kind, and for each name one for
/// each state that such a thing can be in.
package struct LiteVLSentences: Sendable {
    /// A name and the states of what it names.
    package struct Name: Sendable, Hashable {
        package let kind: String
        package let name: String
        /// Where its states begin in `states`.
        package let firstState: Int
        /// As `states` has them: the good ones, the ones that say no more than that it is damaged, then the words of
        /// the kind.
        package let stateWords: [String]
    }

    package let names: [Name]
    /// Unit vectors of the names, `[names, width]`.
    package let nameVectors: [Float]
    /// Unit vectors of the states of all names, `[states, width]`.
    package let stateVectors: [Float]
    package let width: Int
    /// Nothing is wrong.
    package static let good = ["flawless", "without defect"]
    /// Something is.
    package static let bad = ["damaged", "with a defect"]

    /// A thing in a state: "scratched nut", "nut with a hole".
    package static func phrase(_ state: String, _ name: String) -> String {
        state.hasPrefix("with") ? "\(name) \(state)" : "\(state) \(name)"
    }

    /// What stands for a phrase: the phrase and a sentence about a picture.
    package static func sentences(of phrase: String) -> [String] { [phrase, "a photo of a \(phrase)."] }

    /// - Parameters:
    ///   - kinds: the names of each kind, the first of which stands for it, and the words for its states.
    ///   - vector: the unit vector of a phrase.
    package init(
        of kinds: [(names: [String], states: [String])], width: Int, vector: (String) throws -> [Float]
    ) rethrows {
        var names: [Name] = [], nameVectors: [Float] = [], stateVectors: [Float] = []
        for kind in kinds {
            for name in kind.names {
                let words = Self.good + Self.bad + kind.states.filter { !Self.bad.contains($0) }
                names.append(
                    Name(
                        kind: kind.names[0], name: name, firstState: stateVectors.count / width,
                        stateWords: words))
                nameVectors += try vector(name)
                for word in words { stateVectors += try vector(Self.phrase(word, name)) }
            }
        }
        (self.names, self.nameVectors, self.stateVectors) = (names, nameVectors, stateVectors)
        self.width = width
    }

    package var stateCount: Int { stateVectors.count / width }

    /// The share of each of the states of `name` in what a picture shows: words of the kind count four times as
    /// much as the plain ones.
    package func shares(of caption: TokenCache.Caption, for name: Name) -> [Float] {
        let (good, bad) = (Self.good.count, Self.bad.count)
        var shares = [Float](repeating: 0, count: name.stateWords.count)
        guard caption.isDefective else {
            for index in 0..<good { shares[index] = 1 / Float(good) }
            return shares
        }
        let own = name.stateWords.indices.filter { caption.states.contains(name.stateWords[$0]) }
        let plain: Float = own.isEmpty ? 1 : 0.2
        for index in good..<good + bad { shares[index] = plain / Float(bad) }
        for index in own { shares[index] += (1 - plain) / Float(own.count) }
        return shares
    }
}
