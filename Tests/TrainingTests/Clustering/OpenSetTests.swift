import Platform
import Testing
import Training

@Suite("a kind that is hidden at first")
struct OpenSetTests {
    /// 40 rows about each of four axes; `spread` is the range of what is added to each number.
    private static func rows(spread: Float) -> (rows: UnitRows, kinds: [Int]) {
        var random = SplitMix64(seed: 11)
        let values = (0..<160).flatMap { row in
            (0..<16).map { ($0 == row % 4 ? 1 : 0) + Float.random(in: -spread...spread, using: &random) }
        }
        return (UnitRows(values, width: 16), (0..<160).map { $0 % 4 })
    }

    @Test("is new where kinds lie apart, and a type after as many as a type takes", arguments: 0..<4)
    func apart(hidden: Int) {
        let (rows, kinds) = Self.rows(spread: 0.15)
        let found = OpenSet(rows, kinds: kinds, count: 4, hiding: hidden, similarity: 0.5, seed: 0)
        #expect(found.novelty == 1)
        #expect(found.promotedAfter == 8)
    }

    @Test("is not told from the others where there are no kinds")
    func same() throws {
        let (rows, _) = Self.rows(spread: 0.15)
        var random = SplitMix64(seed: 2)
        let kinds = (0..<160).map { _ in Int.random(in: 0..<4, using: &random) }
        let found = OpenSet(rows, kinds: kinds, count: 4, hiding: 1, similarity: 0.5, seed: 0)
        #expect(abs(try #require(found.novelty) - 0.5) < 0.15)
        #expect(found.promotedAfter == nil)
    }

    @Test("says nothing where there is one kind only")
    func one() {
        let (rows, _) = Self.rows(spread: 0.15)
        let found = OpenSet(
            rows, kinds: [Int](repeating: 0, count: 160), count: 1, hiding: 0, similarity: 0.5, seed: 0)
        #expect(found.novelty == nil && found.promotedAfter == nil)
    }
}
