import FoundationEssentials
import Platform

/// How often the daemon has been started without an orderly stop in between, within the last ten minutes.
///
/// A line of the file `starts` in the state folder is a start in UTC milliseconds; an orderly stop empties it.
package struct CrashLoop {
    private let path: String
    private static let window: Int64 = 600_000

    package init(folder: String) { path = folder + "/starts" }

    /// Notes this start and returns how many within the last ten minutes did not end in order, and whether the last
    /// one did not, whenever it was.
    package func note(now: Int64) -> (count: Int, isAfterCrash: Bool) {
        let text = FileManager.default.contents(atPath: path).map {
            String(decoding: $0.prefix(4_096), as: UTF8.self)
        }
        let starts = (text ?? "").split(separator: "\n").compactMap { Int64($0) }.filter {
            0...Self.window ~= now - $0
        }
        let lines = (starts.suffix(15) + [now]).map { "\($0)\n" }.joined()
        try? writeAtomically(path, Array(lines.utf8))
        return (starts.count, !(text ?? "").isEmpty)
    }

    /// The stop is in order: nothing counts any more.
    package func clear() { try? writeAtomically(path, []) }
}
