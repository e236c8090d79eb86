public import Events
public import Sockets
internal import Synchronization

/// Joins the publisher to the server, which begin one after the other: the station of the server needs the
/// publisher.
public final class CommitBell: Sendable {
    private let server = Mutex<LineServer?>(nil)
    private let others = Mutex<[@Sendable (UInt64) -> Void]>([])

    public init() {}

    /// From now on commits wake the clients of `server`.
    public func connect(_ server: LineServer) { self.server.withLock { $0 = server } }

    /// From now on commits are told to `reader` as well, which must not block.
    public func tell(_ reader: @escaping @Sendable (UInt64) -> Void) { others.withLock { $0.append(reader) } }

    /// Shows `record`, which is about to be committed, to clients in fast mode. For the publisher's thread, as
    /// `committed`.
    public func announce(_ record: Record) { server.withLock { $0 }?.announce(record) }

    /// Says that records up to `seq` are durable. For the publisher's thread: the lock is contended only while
    /// `connect` runs, once.
    public func committed(_ seq: UInt64) {
        server.withLock { $0 }?.committed(upTo: seq)
        for reader in others.withLock({ $0 }) { reader(seq) }
    }
}
