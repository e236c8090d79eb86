import FoundationEssentials
import Platform

/// How often the daemon has been started without an orderly stop in between, within the last ten minutes.
///
/// A line of the file `starts` in the state folder is a start: UTC milliseconds, milliseconds of the monotonic
/// clock, and the boot of the machine. An orderly stop empties it. Within one boot the monotonic clock says how long
/// ago a start was, whatever the other clock does meanwhile; across boots the difference of UTC is all there is.
package struct CrashLoop {
    private let path: String
    private static let window: Int64 = 600_000

    package init(folder: String) { path = folder + "/starts" }

    /// When a start was, by all clocks.
    package struct Moment: Hashable, Sendable {
        /// UTC milliseconds.
        package var utc: Int64
        /// Milliseconds since the boot.
        package var monotonic: Int64
        /// Which boot; empty where that is unknown.
        package var boot: String

        package init(utc: Int64, monotonic: Int64, boot: String) {
            (self.utc, self.monotonic, self.boot) = (utc, monotonic, boot)
        }

        /// Now, in the boot that `environment` names, else in that which the kernel names.
        package static func now(environment: [String: String]) -> Moment {
            var boot = environment["LINEWATCH_BOOT_ID"] ?? ""
            if boot.isEmpty,
                let data = FileManager.default.contents(atPath: "/proc/sys/kernel/random/boot_id")
            {
                boot = String(decoding: data, as: UTF8.self)
            }
            boot = boot.filter { $0.isHexDigit }
            return Moment(utc: WallClock.now, monotonic: Int64(MonotonicClock.now / 1_000_000), boot: boot)
        }

        /// Nil if `line` is none.
        fileprivate init?(_ line: Substring) {
            let words = line.split(separator: " ")
            guard let first = words.first, let utc = Int64(first) else { return nil }
            self.utc = utc
            monotonic = words.count > 1 ? Int64(words[1]) ?? -1 : -1
            boot = words.count > 2 ? String(words[2]) : ""
        }

        fileprivate var line: String { "\(utc) \(monotonic) \(boot)\n" }

        /// Whether this was at most ten minutes before `now`.
        fileprivate func isRecent(at now: Moment) -> Bool {
            if !boot.isEmpty, boot == now.boot, monotonic >= 0 {
                return 0...CrashLoop.window ~= now.monotonic - monotonic
            }
            return now.utc.subtractingReportingOverflow(utc).partialValue.magnitude <= CrashLoop.window
        }
    }

    /// Notes this start and returns how many within the last ten minutes did not end in order, and whether the last
    /// one did not, whenever it was.
    package func note(_ now: Moment) -> (count: Int, isAfterCrash: Bool) {
        let text = FileManager.default.contents(atPath: path).map {
            String(decoding: $0.prefix(4_096), as: UTF8.self)
        }
        let starts = (text ?? "").split(separator: "\n").compactMap(Moment.init).filter {
            $0.isRecent(at: now)
        }
        let lines = (starts.suffix(15) + [now]).map(\.line).joined()
        try? writeAtomically(path, Array(lines.utf8))
        return (starts.count, !(text ?? "").isEmpty)
    }

    /// The stop is in order: nothing counts any more.
    package func clear() { try? writeAtomically(path, []) }
}
