/// What is to be said of the lines of a strip, beside their numbers.
public struct LineFlags: OptionSet, Hashable, BitwiseCopyable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Fewer lines came than a strip has; the rows from `validLineCount` on are zero.
    public static let incomplete = LineFlags(rawValue: 1)
    /// Lines were lost before or in it, nobody knows how many: numbers and positions may be wrong.
    public static let uncertain = LineFlags(rawValue: 2)
    /// The material moved backwards: some of these lines show what earlier ones showed.
    public static let repeated = LineFlags(rawValue: 4)
}
