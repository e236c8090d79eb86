import AnomalyModels
import Imaging
import SimulatedLine
import Training

/// Words for practice pictures.
struct PracticeWords {
    private let heldOut: [String]
    private let sentences: LiteVLSentences

    init(heldOut: [String], _ phrases: PhraseEncoder) throws {
        self.heldOut = heldOut
        sentences = try LiteVLSentences(
            of: PracticeCatalogue.kinds.map { ($0.names, $0.stateWords) }, width: phrases.width
        ) { try phrases.vector(of: $0) }
    }

    /// The kinds, of designs and of kinds that are new to the network, and the states of things of known kind.
    func rows(_ encoder: PictureEncoder, pictures: Int, seed: UInt64) throws -> [WordsRow] {
        let kinds = PracticeCatalogue.kinds
        let practice = PracticePictures(kinds: kinds, products: 16, side: encoder.side, seed: seed)
        let others = sentences.names.indices.filter { heldOut.contains(sentences.names[$0].kind) }
        let width = sentences.width
        let otherVectors = others.flatMap { sentences.nameVectors[$0 * width..<($0 + 1) * width] }
        var kind = WordRetrieval(groups: kinds.count), new = kind
        var health = WordRetrieval(groups: 2), state = WordRetrieval(groups: kinds.count), newHealth = health
        var stateChance = 0.0
        for index in 0..<pictures {
            let picture = practice[index], group = index % kinds.count, own = kinds[group].names[0]
            let seen = encoder.embedding(of: picture.image.pixels)
            let isNew = heldOut.contains(own)
            if isNew {
                let found = WordRetrieval.nearest(seen, otherVectors[...])
                new.add(sentences.names[others[found]].kind == own, to: group)
            } else {
                let found = WordRetrieval.nearest(seen, sentences.nameVectors[...])
                kind.add(sentences.names[found].kind == own, to: group)
            }
            guard let name = sentences.names.first(where: { $0.kind == own && $0.name == picture.noun })
            else { continue }
            let word = word(seen, name), isGood = LiteVLSentences.good.contains(word)
            let isRight = isGood != picture.isDefective
            if isNew {
                newHealth.add(isRight, to: picture.isDefective ? 1 : 0)
            } else {
                health.add(isRight, to: picture.isDefective ? 1 : 0)
            }
            guard !isNew, !picture.states.isEmpty else { continue }
            state.add(picture.states.contains(defect(seen, name)), to: group)
            stateChance += Double(picture.states.count) / Double(Self.words(name).count)
        }
        var rows = [
            WordsRow("kind, new designs", kind, chance: 1 / Double(kinds.count)),
            WordsRow("good or not", health, chance: 0.5),
            WordsRow("which defect", state, chance: stateChance / Double(max(state.count, 1))),
        ]
        if !heldOut.isEmpty {
            rows.append(WordsRow("kind, among new kinds", new, chance: 1 / Double(heldOut.count)))
            rows.append(WordsRow("good or not, new kinds", newHealth, chance: 0.5))
        }
        return rows
    }

    /// The state of `name` that is nearest to a picture.
    private func word(_ picture: [Float], _ name: LiteVLSentences.Name) -> String {
        let width = sentences.width, first = name.firstState
        let vectors = sentences.stateVectors[first * width..<(first + name.stateWords.count) * width]
        return name.stateWords[WordRetrieval.nearest(picture, vectors)]
    }

    /// The same among its own defects.
    private func defect(_ picture: [Float], _ name: LiteVLSentences.Name) -> String {
        let width = sentences.width, words = Self.words(name)
        let skipped = name.stateWords.count - words.count
        let first = name.firstState + skipped
        return words[
            WordRetrieval.nearest(
                picture, sentences.stateVectors[first * width..<(first + words.count) * width])]
    }

    private static func words(_ name: LiteVLSentences.Name) -> [String] {
        Array(name.stateWords.dropFirst(LiteVLSentences.good.count + LiteVLSentences.bad.count))
    }
}
