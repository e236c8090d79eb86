/// Something that is wrong, or odd, in the settings.
package struct Finding: Hashable, Sendable, CustomStringConvertible {
    package enum Severity: String, Hashable, Sendable {
        /// The configuration is refused.
        case error
        /// It is accepted.
        case warning
    }

    package let severity: Severity
    /// Where the key stands, or what else set it.
    package let origin: Origin
    /// Without the place: `unknown key "deadlin_ms" in [[inspect]] - did you mean "deadline_ms"?`.
    package let message: String

    /// One line: place, `warning:` if it is one, message.
    package var description: String {
        let mark = severity == .warning ? "warning: " : ""
        return switch origin {
        case .standard: "\(mark)\(message)"
        default: "\(origin): \(mark)\(message)"
        }
    }

    static func error(_ origin: Origin, _ message: String) -> Finding {
        Finding(severity: .error, origin: origin, message: message)
    }

    static func warning(_ origin: Origin, _ message: String) -> Finding {
        Finding(severity: .warning, origin: origin, message: message)
    }
}
