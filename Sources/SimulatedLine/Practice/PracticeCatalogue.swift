/// All kinds to practise on.
package enum PracticeCatalogue {
    /// Each kind once, its first name unlike all others'.
    package static let kinds: [PracticeKind] = [
        PracticeKind.lineKinds, PracticeKind.timber, PracticeKind.minerals, PracticeKind.skins,
        PracticeKind.metals, PracticeKind.cloths, PracticeKind.lattices, PracticeKind.prints,
        PracticeKind.rounds, PracticeKind.gears, PracticeKind.fasteners, PracticeKind.electronics,
        PracticeKind.assemblies,
        PracticeKind.goods,
    ].flatMap { $0 }
}

extension [PracticeFault] {
    /// Faults over the finished sheet, each with its word.
    static func flaws(_ pairs: KeyValuePairs<String, PracticeFlaw.Form>) -> [PracticeFault] {
        pairs.map { PracticeFault(state: $0.key, painting: .flaw($0.value)) }
    }

    /// Faults that the kind paints itself, numbered from 0.
    static func own(_ states: String...) -> [PracticeFault] {
        states.enumerated().map { PracticeFault(state: $0.element, painting: .own($0.offset)) }
    }
}
