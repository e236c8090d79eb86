public import Sockets
internal import Synchronization

/// Joins the publisher to the server, which begin one after the other: the station of the server needs the
/// publisher.
public final class CommitBell: Sendable {
    private let server = Mutex<LineServer?>(nil)

    public init() {}

    /// From now on commits wake the clients of `server`.
    public func connect(_ server: LineServer) { self.server.withLock { $0 = server } }

    /// Says that records up to `seq` are durable. For the publisher's thread: the lock is contended only while
    /// `connect` runs, once.
    public func committed(_ seq: UInt64) { server.withLock { $0 }?.committed(upTo: seq) }
}
