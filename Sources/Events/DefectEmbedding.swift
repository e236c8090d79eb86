/// What an inspection worker says of the look of one finding, for whoever tells kinds of defects apart.
///
/// One value of fixed size without a pointer: an `Outcome` carries up to four.
public struct DefectDescription: BitwiseCopyable, Sendable {
    /// Numbers of one description.
    public static let width = 128

    /// The inspection that found it: `number(of:)` its name.
    public var inspection: UInt32 = 0
    /// Pixels of its finding.
    public var area: UInt32 = 0
    /// A unit vector, -127...127.
    public var codes = InlineArray<128, Int8>(repeating: 0)

    public init() {}

    /// A number for an inspection's name that is the same in every run (FNV-1a, 32 bits).
    public static func number(of inspection: String) -> UInt32 {
        inspection.utf8.reduce(0x811C_9DC5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
    }
}

/// A described finding on its way into the log, with the kind that it was given.
///
/// No reader of records gets it: the log keeps it in a table of its own.
public struct DefectEmbedding: Equatable, Sendable {
    /// Its position among the result's findings.
    public var finding: UInt8
    public var inspection: UInt32
    /// -127...127.
    public var codes: [Int8]
    /// The type; 0 while it is of no kind yet.
    public var type: UInt16 = 0
    /// The cosine with the centre of the type, or of the nearest one.
    public var similarity: Float = 0
    /// It shows what its type looks like.
    public var isExemplar = false

    public init(finding: UInt8, inspection: UInt32, codes: [Int8]) {
        (self.finding, self.inspection, self.codes) = (finding, inspection, codes)
    }

    /// The number that the log keeps it under: of the result of `job` the finding `finding`.
    public static func key(job: UInt32, finding: UInt8) -> Int64 { Int64(job) << 5 | Int64(finding & 31) }
}
