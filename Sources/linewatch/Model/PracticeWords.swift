import AnomalyModels
import Imaging
import SimulatedLine
import Training

/// Words for practice pictures.
struct PracticeWords {
    private let heldOut: [String]
    private let sentences: LiteVLSentences
    /// The places in `sentences.names` of kinds that are new to the network, and their vectors.
    private let newNames: [Int]
    private let newVectors: [Float]
    /// The states of the kinds that are not.
    private let oldWords: Set<String>

    init(heldOut: [String], _ phrases: PhraseEncoder) throws {
        self.heldOut = heldOut
        let made = try LiteVLSentences(
            of: PracticeCatalogue.kinds.map { ($0.names, $0.stateWords) }, width: phrases.width
        ) { try phrases.vector(of: $0) }
        let newNames = made.names.indices.filter { heldOut.contains(made.names[$0].kind) }
        (sentences, self.newNames) = (made, newNames)
        newVectors = newNames.flatMap { made.nameVectors[$0 * made.width..<($0 + 1) * made.width] }
        oldWords = Set(
            PracticeCatalogue.kinds.filter { !heldOut.contains($0.names[0]) }.flatMap(\.stateWords))
    }

    /// What is counted for kinds that are known, or for those that are new.
    private struct Tally {
        var kind: WordRetrieval
        var health = WordRetrieval(groups: 2)
        /// Among the states of the kind; and only where the true ones are words that no known kind has.
        var state: WordRetrieval
        var newState: WordRetrieval
        var chance = 0.0
        var newChance = 0.0

        init(kinds: Int) {
            kind = WordRetrieval(groups: kinds)
            (state, newState) = (kind, kind)
        }
    }

    /// The kinds, of designs and of kinds that are new to the network, and the states of things of known kind.
    func rows(_ encoder: PictureEncoder, pictures: Int, seed: UInt64) throws -> [WordsRow] {
        let kinds = PracticeCatalogue.kinds
        let practice = PracticePictures(kinds: kinds, products: 16, side: encoder.side, seed: seed)
        var known = Tally(kinds: kinds.count), new = known
        for index in 0..<pictures {
            let picture = practice[index], group = index % kinds.count, own = kinds[group].names[0]
            let seen = encoder.embedding(of: picture.image.pixels)
            if heldOut.contains(own) {
                let found = newNames[WordRetrieval.nearest(seen, newVectors[...])]
                new.kind.add(sentences.names[found].kind == own, to: group)
                count(picture, own, group, seen, in: &new)
            } else {
                let found = WordRetrieval.nearest(seen, sentences.nameVectors[...])
                known.kind.add(sentences.names[found].kind == own, to: group)
                count(picture, own, group, seen, in: &known)
            }
        }
        var rows = [
            WordsRow("kind, new designs", known.kind, chance: 1 / Double(kinds.count)),
            WordsRow("good or not", known.health, chance: 0.5),
            WordsRow("which defect", known.state, chance: known.chance / Double(max(known.state.count, 1))),
        ]
        guard !heldOut.isEmpty else { return rows }
        rows += [
            WordsRow("kind, among new kinds", new.kind, chance: 1 / Double(heldOut.count)),
            WordsRow("good or not, new kinds", new.health, chance: 0.5),
            WordsRow(
                "which defect, new kinds", new.state, chance: new.chance / Double(max(new.state.count, 1))),
            WordsRow(
                "which defect, new words", new.newState,
                chance: new.newChance / Double(max(new.newState.count, 1))),
        ]
        return rows
    }

    /// Counts the states of `picture`, of kind `own`, which the network sees as `seen`.
    private func count(
        _ picture: TrainingPicture, _ own: String, _ group: Int, _ seen: [Float], in tally: inout Tally
    ) {
        guard let name = sentences.names.first(where: { $0.kind == own && $0.name == picture.noun })
        else { return }
        let isGood = LiteVLSentences.good.contains(word(seen, name))
        tally.health.add(isGood != picture.isDefective, to: picture.isDefective ? 1 : 0)
        guard !picture.states.isEmpty else { return }
        let isRight = picture.states.contains(defect(seen, name))
        let chance = Double(picture.states.count) / Double(Self.words(name).count)
        tally.state.add(isRight, to: group)
        tally.chance += chance
        guard picture.states.allSatisfy({ !oldWords.contains($0) }) else { return }
        tally.newState.add(isRight, to: group)
        tally.newChance += chance
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
