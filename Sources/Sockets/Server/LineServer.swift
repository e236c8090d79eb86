import CLinux
public import Events
import Glibc
import NIOCore
import NIOPosix
package import Platform
import Synchronization

// THE SERVER
//
// One event loop, one thread, holds every connection; a few reading threads wait for the log's medium. There is
// no queue per client: a connection asks the log for the records behind its cursor while its socket takes bytes,
// and forgets them when they are written. What a client does or omits costs it its own connection only.
//
// The publisher's side is one atomic exchange, and one write to an eventfd where the loop is not awake already. It
// shares no lock with the loop.

/// The LWP/1 server over Unix stream sockets.
public final class LineServer: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let pool: NIOThreadPool
    private let hub: Hub
    private let announced = FastRing(capacity: 1_024)
    private let publishesFast: Bool
    private let bell: Bell
    private let isStopped = Atomic<Bool>(false)

    /// Starts the threads; no socket is served before `listen`.
    ///
    /// Raises event 1505 at `station` where the rules say that roles cannot be trusted. Throws where the kernel
    /// refuses an eventfd.
    public init(_ settings: ServerSettings, source: any RecordSource, station: any Station)
        throws(SocketError)
    {
        bell = try Bell()
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        pool = NIOThreadPool(numberOfThreads: settings.readingThreads)
        pool.start()
        hub = Hub(settings, source: source, station: station, loop: group.next(), pool: pool)
        publishesFast = settings.publishesFast
        if !settings.access.areRolesTrusted { station.raise(Event(.rolesDisabled, severity: .error)) }
    }

    /// Serves `sockets`, and wakes for commits from now on. Blocks until all of them accept connections.
    public func listen(on sockets: [ListeningSocket]) throws {
        // The wake channel closes its own copy: the publisher may write to the descriptor until the very end.
        let wake = WakeHandler { [hub, bell, announced] in
            bell.hear()
            while let record = announced.pop() { hub.announce(record) }
            hub.wake()
        }
        let hub = hub
        let wakeChannel = try NIOPipeBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(wake)
                }
            }
            .takingOwnershipOfDescriptor(input: dup(bell.descriptor)).wait()
        try hub.loop.submit { hub.openedWake(wakeChannel) }.wait()
        for socket in sockets {
            let listener = try ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 64)
                .childChannelOption(.autoRead, value: false)
                .childChannelOption(.allowRemoteHalfClosure, value: true)
                .childChannelOption(.maxMessagesPerRead, value: 1)
                .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 4_096))
                .childChannelOption(.writeBufferWaterMark, value: .init(low: 4_096, high: 16_384))
                .childChannelOption(.socketOption(.so_sndbuf), value: Connection.sendBuffer)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            Connection(channel, socket.kind, hub))
                    }
                }
                .withBoundSocket(socket.descriptor).wait()
            try hub.loop.submit { hub.opened(listener, ownPath: socket.ownPath) }.wait()
        }
    }

    /// Says that everything up to `seq` is committed: wakes whoever waits for it.
    ///
    /// Never blocks, allocates nothing, takes no lock: an atomic exchange, and one write to an eventfd unless
    /// the loop is about to look anyway. Call it after `RecordSource.span` shows `seq`.
    public func committed(upTo seq: UInt64) {
        bell.ring()
    }

    /// Shows `record`, which is about to be committed, to the clients in fast mode; does nothing where fast mode
    /// is off. Only one thread calls it, before `committed(upTo:)` of the same record. Never blocks.
    public func announce(_ record: Record) {
        guard publishesFast, announced.push(record) else { return }
        bell.ring()
    }

    /// What was counted since the start. Never blocks; any thread may ask.
    public var counters: ServerCounters { hub.tally.snapshot }

    /// By how much heartbeats were late since the start. Any thread may ask.
    package var beatLateness: LatencyHistogram { hub.tally.beatLateness }

    /// Ends all connections with `bye 4`, removes the sockets that the server made, and ends the threads.
    ///
    /// Returns when all operations in progress are done, or after five seconds without their threads.
    public func stop() async {
        guard !isStopped.exchange(true, ordering: .relaxed) else { return }
        let hub = hub
        try? await hub.loop.submit { hub.stop() }.get().get()
        for _ in 0..<500 {
            guard let left = try? await hub.loop.submit({ hub.operationsInProgress }).get(), left > 0 else {
                try? await group.shutdownGracefully()
                try? await pool.shutdownGracefully()
                return
            }
            try? await Task.sleep(for: .milliseconds(10))
        }
    }
}

/// What the publisher rings and the loop hears: an eventfd that is written to once until it is heard.
private final class Bell: Sendable {
    let descriptor: Int32
    private let isRung = Atomic<Bool>(false)

    init() throws(SocketError) {
        descriptor = cl_event_descriptor()
        guard descriptor >= 0 else { throw .refused(.last("eventfd", "the server")) }
    }

    deinit { close(descriptor) }

    func ring() {
        guard !isRung.exchange(true, ordering: .sequentiallyConsistent) else { return }
        // Cannot block: an eventfd only does at 2^64-1 unheard rings, and there is never more than one.
        var one: UInt64 = 1
        _ = unsafe write(descriptor, &one, MemoryLayout.size(ofValue: one))
    }

    /// Call it before looking for what was rung for: a later ring is then heard again.
    func hear() { isRung.store(false, ordering: .sequentiallyConsistent) }
}

/// Empties the eventfd and says that it was written to.
private final class WakeHandler: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    private let woken: @Sendable () -> Void

    init(_ woken: @escaping @Sendable () -> Void) { self.woken = woken }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { woken() }
}
