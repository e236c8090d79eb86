/// Why the event log refused something.
public enum EventLogError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A cursor beyond the newest record.
    case cursorAhead(last: UInt64)

    public var description: String {
        switch self {
        case .cursorAhead(let last): "no record has been written after \(last): ask for one at or before it"
        }
    }
}
