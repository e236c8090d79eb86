/// What somebody who mistyped a word probably meant.
package enum Suggestion {
    /// The candidate at the least Damerau-Levenshtein distance, at most 2 and less than the length of `word`;
    /// or else the only one that begins with `word`; nil if there is none. Of equally near ones, the first.
    package static func nearest(to word: String, among candidates: [String]) -> String? {
        let letters = Array(word.unicodeScalars)
        // Nobody types longer ones; the table below is quadratic.
        guard letters.count <= 64 else { return nil }
        let near = candidates.map { (name: $0, distance: distance(letters, Array($0.unicodeScalars))) }
        if let best = near.min(by: { $0.distance < $1.distance }), best.distance <= 2,
            best.distance < letters.count, best.distance < best.name.count
        {
            return best.name
        }
        let longer = candidates.filter { !word.isEmpty && $0.hasPrefix(word) }
        return longer.count == 1 ? longer[0] : nil
    }

    /// ` - did you mean "deadline_ms"?`, or nothing.
    static func clause(for word: String, among candidates: [String]) -> String {
        nearest(to: word, among: candidates).map { " - did you mean \(quoted($0))?" } ?? ""
    }

    /// Insertions, deletions, substitutions and exchanges of neighbours (optimal string alignment; Damerau
    /// 1964).
    package static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var best = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    best = min(best, beforeLast[j - 1] + 1)
                }
                row.append(best)
            }
            beforeLast = last
            last = row
        }
        return last[b.count]
    }
}
