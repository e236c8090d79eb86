import Glibc
import Platform
import Training

/// The progress of a long command on stderr, on one line that is written over, and how long its step will take yet; nothing
/// where stderr is no terminal.
package struct ProgressBar {
    private static let width = 24
    private let isShown = isatty(STDERR_FILENO) == 1
    private var label = ""
    private var filled = -1
    private var left = ""
    /// When the step began.
    private var begun = 0

    /// Shows that `done` of `total` parts of the step `label` are done. Ends the line of the step before.
    mutating func show(_ label: String, _ done: Int, of total: Int) {
        guard isShown else { return }
        let part = total > 0 ? min(done * Self.width / total, Self.width) : Self.width
        if label != self.label { begun = MonotonicClock.now }
        let left = Self.left(of: total, done: done, nanoseconds: MonotonicClock.now - begun)
        guard label != self.label || part != filled || left != self.left else { return }
        var standardError = StandardError()
        if label != self.label, !self.label.isEmpty { print("", to: &standardError) }
        (self.label, self.left) = (label, left)
        filled = part
        let bar = String(repeating: "#", count: part) + String(repeating: ".", count: Self.width - part)
        let line = "\(label.padded(to: 16)) [\(bar)] \(done)/\(total)  \(left)".padded(to: 76)
        print("\r\(line)", terminator: "", to: &standardError)
    }

    /// As in "0:12 left", as long as all before took; empty in the first second and at the end.
    package static func left(of total: Int, done: Int, nanoseconds: Int) -> String {
        guard done > 0, done < total, nanoseconds > 1_000_000_000 else { return "" }
        let seconds = Double(nanoseconds) / 1e9 * Double(total - done) / Double(done)
        return "\(TrainingProgress.clock(Int(seconds.rounded(.up)))) left"
    }

    /// Ends the line.
    func finish() {
        guard isShown, !label.isEmpty else { return }
        var standardError = StandardError()
        print("", to: &standardError)
    }
}

extension String {
    fileprivate func padded(to count: Int) -> String {
        self + String(repeating: " ", count: max(0, count - self.count))
    }
}
