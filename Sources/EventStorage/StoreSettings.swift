/// The limits and habits of the event log: the table `[store]` of the settings file.
public struct StoreSettings: Hashable, Sendable {
    /// When the medium has to confirm a commit.
    public enum Sync: String, CaseIterable, Sendable {
        /// Every commit is on the medium before it returns.
        case full
        /// A power cut may lose the newest results. Numbers are still never reused.
        case normal
    }

    /// Retention, whichever is first. 1,000...100,000,000 records.
    public var records = 1_000_000
    /// 64 MiB...1 TiB: the pages of the database that are in use.
    public var bytes = 512 << 20
    /// 1...3,650.
    public var days = 30
    /// How many times these limits the records are held for consumers that have not acknowledged them.
    /// 1...10.
    public var holdFactor = 2
    public var sync = Sync.full
    /// How long an acknowledgement may wait for results to ride with. 0...50 ms.
    public var groupCommit = Duration.milliseconds(2)
    /// Numbers reserved ahead: 100...1,000,000.
    public var sequenceBlock = 1000
    /// A file that is given up when the disk is full, so that this can still be written down. 4...256 MiB.
    public var ballastBytes = 16 << 20
    /// After so many days of silence a consumer no longer holds records. 1...365.
    public var consumerExpiryDays = 14
    /// The check at the start ends after this time, whatever it has seen.
    public var quickCheckLimit = Duration.seconds(5)

    public init() {}

    /// More consumers are refused (LWP/1, 7).
    public static let consumerLimit = 32
    /// Rows per transaction of retention, so that results never wait long behind it.
    package static let deletionBatch = 500
}
