public import Events

/// Where the server reads records from and keeps consumers' cursors: the durable log.
///
/// Declared here and joined to the storage elsewhere, so that neither knows the other. What may block is called
/// on the server's own reading threads, several at a time, never on an event loop.
public protocol RecordSource: Sendable {
    /// Which log this is, and what it holds. From memory: never blocks.
    ///
    /// `last` never runs ahead of what `records` returns.
    var span: LogSpan { get }

    /// At most `limit` records with numbers above `after`, ascending; empty where there is none yet. Only committed
    /// records. Blocks on the medium.
    ///
    /// Numbers without a record come as gaps. Where the first record begins above `after` + 1, or a number is
    /// missing between two, the server itself says `gap`, reason retention.
    func records(after: UInt64, limit: Int) throws(SourceError) -> [Record]

    /// What `records` would return, where it can be had from memory; nil where it cannot. Called on the event loop:
    /// never blocks.
    func recent(after: UInt64, limit: Int) -> [Record]?

    /// The record `seq` with what came after it (late score, image), or nil where it was aged out. Blocks.
    func record(_ seq: UInt64) throws(SourceError) -> Record?

    /// The cursor of consumer `name` for the user `uid`; a new one begins at `span.last`. Durable. Blocks.
    ///
    /// Throws `ownedByAnother` where another uid used the name first, `tooManyConsumers` for a 33rd.
    func register(consumer name: String, uid: UInt32) throws(SourceError) -> UInt64

    /// Moves the cursor of `name` to `seq`, never back, and tells where it is once that is durable. Called on the
    /// event loop: never blocks, so that any number of clients can wait for one commit.
    ///
    /// Fails with `unknownConsumer` where it was dropped meanwhile. `completion` is called once, on any thread.
    func acknowledge(
        consumer name: String, upTo seq: UInt64,
        _ completion: @escaping @Sendable (Result<UInt64, SourceError>) -> Void)

    /// All consumers, by name. Blocks.
    func consumers() throws(SourceError) -> [Consumer]

    /// Forgets `name` and what retention held for it. Blocks. Throws `unknownConsumer`.
    func drop(consumer name: String) throws(SourceError)
}

/// The identity of the log and the numbers that it holds.
public struct LogSpan: Equatable, Sendable {
    /// Shown as 8 hexadecimal digits; another one is another log.
    public var log: UInt32
    /// The number of this start of the daemon.
    public var run: UInt32
    /// Oldest and newest number; `first` is `last` + 1 where the log is empty.
    public var first: UInt64
    public var last: UInt64

    public init(log: UInt32, run: UInt32, first: UInt64, last: UInt64) {
        (self.log, self.run, self.first, self.last) = (log, run, first, last)
    }
}

/// A registered reader of the log.
public struct Consumer: Equatable, Sendable {
    public var name: String
    public var uid: UInt32
    public var acked: UInt64
    /// When it was last connected, UTC milliseconds.
    public var seenMilliseconds: Int64

    public init(name: String, uid: UInt32, acked: UInt64, seenMilliseconds: Int64) {
        (self.name, self.uid, self.acked, self.seenMilliseconds) = (name, uid, acked, seenMilliseconds)
    }
}

/// Why the log refused something.
public enum SourceError: Error, Equatable, Sendable, CustomStringConvertible {
    case ownedByAnother(uid: UInt32)
    case tooManyConsumers(limit: Int)
    case unknownConsumer(String)
    case diskFull
    /// The medium or the database failed; `reason` is for people.
    case storage(reason: String)

    public var description: String {
        switch self {
        case .ownedByAnother(let uid): "the name belongs to uid \(uid): use another name"
        case .tooManyConsumers(let limit):
            "there are \(limit) consumers already: drop one with 'linewatch consumer drop'"
        case .unknownConsumer(let name): "there is no consumer '\(name)': see 'linewatch consumer list'"
        case .diskFull: "the disk is full: make room"
        case .storage(let reason): reason
        }
    }
}
