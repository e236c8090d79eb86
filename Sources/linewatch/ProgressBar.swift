import Glibc
import Platform

/// The progress of a long command on stderr, on one line that is written over; nothing where stderr is no
/// terminal.
struct ProgressBar {
    private static let width = 24
    private let isShown = isatty(STDERR_FILENO) == 1
    private var label = ""
    private var filled = -1

    /// Shows that `done` of `total` parts of the step `label` are done. Ends the line of the step before.
    mutating func show(_ label: String, _ done: Int, of total: Int) {
        guard isShown else { return }
        let part = total > 0 ? min(done * Self.width / total, Self.width) : Self.width
        guard label != self.label || part != filled else { return }
        var standardError = StandardError()
        if label != self.label, !self.label.isEmpty { print("", to: &standardError) }
        self.label = label
        filled = part
        let bar = String(repeating: "#", count: part) + String(repeating: ".", count: Self.width - part)
        print("\r\(label.padded(to: 12)) [\(bar)] \(done)/\(total)  ", terminator: "", to: &standardError)
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
