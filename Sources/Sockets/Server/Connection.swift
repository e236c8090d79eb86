import Events
import NIOCore
import NIOPosix
import Platform

/// One client: its input, its place in the handshake, its poll and its stream.
///
/// Requests are handled one at a time in their order. The next line is looked at when the reply to the one before
/// it is written, and bytes are read from the socket only while the socket takes the replies.
final class Connection: ChannelInboundHandler, @unchecked Sendable {
    // Made, used and ended on the hub's event loop only, to which every other thread hands its results.
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What the connection does with its next line.
    enum Phase {
        case idle
        /// An operation is under way; lines wait.
        case busy
        /// A poll is reading or waiting; a line ends its wait.
        case polling
        /// The last line is written; nothing is heard any more.
        case ending
    }

    /// Bytes that the kernel keeps for a client that does not read, and how many more when it is told `bye`.
    ///
    /// The kernel takes twice these numbers, and calls a Unix socket writable again only while a quarter is in use:
    /// the second is more than four times the first, so that it says so at once, and within the 212,992 that an
    /// unprivileged process may ask for.
    static let sendBuffer: Int = 32_768
    static let farewellBuffer: Int = 212_992

    let channel: any Channel
    let kind: SocketKind
    let hub: Hub
    private(set) var peer = PeerCredentials(
        pid: 0, uid: PeerCredentials.unmapped, gid: PeerCredentials.unmapped)
    private(set) var role = Role.plc
    var phase = Phase.idle
    var isReadPending = false
    var isInputOpen = true
    var isDraining = false

    /// Bytes that are not yet a handled line; at most one line and one read.
    var input: [UInt8] = []
    var badLines = 0
    var bucket: TokenBucket
    var helloTimer: Scheduled<Void>?
    var halfLineTimer: Scheduled<Void>?
    private var slowTimer: Scheduled<Void>?

    /// nil before `hello`.
    var profile: Profile?
    /// nil before `hello` and for an anonymous client.
    var consumer: String?
    var acked: UInt64 = 0
    /// The newest record when the connection was made: what is not newer is historical.
    private(set) var lastAtConnect: UInt64 = 0

    var poll: PollRun?
    var stream: StreamRun?
    var streamCount = 0
    var blob: BlobRun?
    var heartbeat = Heartbeat()

    init(_ channel: any Channel, _ kind: SocketKind, _ hub: Hub) {
        (self.channel, self.kind, self.hub) = (channel, kind, hub)
        bucket = TokenBucket(
            rate: hub.settings.requestRate, burst: hub.settings.requestBurst, now: MonotonicClock.now)
    }

    var lineLimit: Int { kind == .admin ? hub.settings.adminLineLimit : hub.settings.lineLimit }
    var depthLimit: Int { kind == .admin ? hub.settings.adminDepthLimit : hub.settings.depthLimit }

    // MARK: Beginning

    func channelActive(context: ChannelHandlerContext) {
        peer = credentials() ?? peer
        hub.tally.accepted(kind)
        guard !hub.isStopping else { return bidFarewell(.shuttingDown) }
        guard hub.hasPlace(on: kind) else {
            var error = ErrorLine(id: 0, .tooManyClients)
            error.retry = hub.settings.comeBackAfter
            send(error)
            return end()
        }
        guard let role = hub.settings.access.role(of: peer, on: kind) else {
            hub.deny(uid: peer.uid)
            send(ErrorLine(id: 0, .forbidden))
            return end()
        }
        self.role = role
        hub.add(self)
        greet()
        helloTimer = after(hub.settings.helloTimeout) { $0.bidFarewell(.helloTimeout) }
        requestRead()
    }

    private func credentials() -> PeerCredentials? {
        let found = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { PeerCredentials(ofSocket: $0) }
        return found ?? nil
    }

    private func greet() {
        let (span, status) = (hub.source.span, hub.station.status)
        lastAtConnect = span.last
        var greeting = Greeting()
        (greeting.server, greeting.station) = (hub.settings.product, hub.settings.station)
        (greeting.log, greeting.run, greeting.first, greeting.last) = (
            span.log, span.run, span.first, span.last
        )
        (greeting.heartbeat, greeting.config) = (hub.settings.heartbeat, status.config)
        greeting.state = status.state.rawValue
        send { greeting.append(to: &$0) }
    }

    // MARK: Output

    /// Writes the lines that `body` appends, if it appends any.
    func send(_ body: (inout LineWriter) -> Void) {
        hub.line.removeAll()
        body(&hub.line)
        guard !hub.line.bytes.isEmpty, channel.isActive else { return }
        channel.writeAndFlush(channel.allocator.buffer(bytes: hub.line.bytes), promise: nil)
    }

    func send(_ error: ErrorLine) {
        hub.tally.refused(error.number)
        if error.number == .internal { hub.station.countInternalError(error.message) }
        send { error.append(to: &$0, profile: profile ?? .plc) }
    }

    func sendOK(_ id: UInt32, _ keys: OKLine.Keys = .none) {
        send { OKLine(id: id, keys).append(to: &$0) }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        slowTimer?.cancel()
        slowTimer = nil
        guard context.channel.isWritable else {
            slowTimer = after(hub.settings.slowTimeout) { $0.bidFarewell(.slow) }
            return
        }
        // The socket may take bytes again before the write that filled it has returned: go on after it.
        channel.eventLoop.execute {
            guard self.phase != .ending else { return }
            self.logGrew()
            self.pumpBlob()
            self.drain()
        }
    }

    /// The log may have grown, or the socket takes bytes again.
    func logGrew() {
        pumpPoll()
        pumpStream()
    }

    // MARK: Ending

    /// Says why, and closes.
    func bidFarewell(_ reason: FarewellReason) {
        guard phase != .ending else { return }
        hub.tally.ended(reason)
        // Written first: it waits behind what the client has not read, and the room makes all of it leave.
        send { $0.putFarewell(reason, retry: hub.settings.comeBackAfter) }
        _ = channel.setOption(.socketOption(.so_sndbuf), value: Self.farewellBuffer)
        end(isPenalty: reason == .protocolErrors)
    }

    /// Closes when everything written has left, or a second later.
    ///
    /// - Parameter isPenalty: the client broke the protocol. It keeps its place, unheard, until the time is over in
    ///   which it was told to stay away: one that comes again at once would cost the loop more than one that is
    ///   served.
    func end(isPenalty: Bool = false) {
        guard phase != .ending else { return }
        phase = .ending
        stopTimers()
        let pause = TimeAmount.milliseconds(
            isPenalty && !hub.isStopping ? Int64(hub.settings.comeBackAfter) : 0)
        channel.writeAndFlush(channel.allocator.buffer(capacity: 0)).whenComplete { _ in
            guard pause > .zero else { return self.channel.close(promise: nil) }
            self.channel.eventLoop.scheduleTask(in: pause) { self.channel.close(promise: nil) }
        }
        channel.eventLoop.scheduleTask(in: pause + TimeAmount(hub.settings.farewellTimeout)) {
            self.channel.close(promise: nil)
        }
    }

    /// The server stops: says so, and closes at once where the last line is written already.
    func leaveForStop() {
        guard phase != .ending else { return channel.close(promise: nil) }
        bidFarewell(.shuttingDown)
    }

    func channelInactive(context: ChannelHandlerContext) {
        phase = .ending
        stopTimers()
        hub.remove(self)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func stopTimers() {
        for timer in [helloTimer, halfLineTimer, slowTimer, poll?.timer, stream?.ackTimer, heartbeat.timer] {
            timer?.cancel()
        }
        (poll, stream, blob) = (nil, nil, nil)
    }

    // MARK: Time and threads

    /// Runs `body` on the loop after `duration`, unless the connection ends before.
    func after(_ duration: Duration, _ body: @escaping @Sendable (Connection) -> Void) -> Scheduled<Void> {
        channel.eventLoop.scheduleTask(in: TimeAmount(duration)) {
            if self.phase != .ending { body(self) }
        }
    }

    /// Asks the log on a reading thread and runs `then` with its answer back on the loop.
    func read<Value: Sendable>(
        _ query: LogQuery<Value>,
        then: @escaping @Sendable (Connection, Result<Value, SourceError>) -> Void
    ) {
        let (loop, source) = (channel.eventLoop, hub.source)
        hub.pool.submit { state in
            guard case .active = state else { return }
            let outcome = Result { () throws(SourceError) -> Value in try query.ask(source) }
            loop.execute {
                if self.phase != .ending { then(self, outcome) }
            }
        }
    }
}

/// A question to the log, which may wait for its medium.
struct LogQuery<Value: Sendable>: Sendable {
    let ask: @Sendable (any RecordSource) throws(SourceError) -> Value
}
