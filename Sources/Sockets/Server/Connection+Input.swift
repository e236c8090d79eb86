import Events
import NIOCore
import Platform

// From bytes to lines: framing, limits, and when the socket is read.

extension Connection {
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard phase != .ending else { return }
        input.append(contentsOf: unwrapInboundIn(data).readableBytesView)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReadPending = false
        drain()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .some(ChannelEvent.inputClosed) = event as? ChannelEvent else { return }
        isInputOpen = false
        drain()
    }

    /// Handles the lines that are there, one after the other, and asks for more bytes.
    func drain() {
        guard !isDraining else { return }
        isDraining = true
        if phase == .polling && (hasLine || !isInputOpen) { pumpPoll() }
        while phase == .idle, channel.isWritable, let taken = takeLine() {
            guard let line = taken else {
                send(ErrorLine(id: 0, .lineTooLong))
                end(isPenalty: true)
                break
            }
            if !line.isEmpty { handle(line) }
        }
        isDraining = false
        watchHalfLine()
        if phase == .idle && !isInputOpen && stream == nil { return end() }
        requestRead()
    }

    /// Asks the socket for bytes where somebody would look at them.
    func requestRead() {
        guard !isReadPending, isInputOpen, channel.isWritable, !hasLine else { return }
        guard phase == .idle || phase == .polling else { return }
        isReadPending = true
        channel.read()
    }

    /// A line, or the beginning of one that is too long, waits to be handled.
    var hasLine: Bool { input.count >= lineLimit || input.contains(UInt8(ascii: "\n")) }

    /// The next line without its end; nil where it is not complete yet, and a nil inside where it is too long.
    private func takeLine() -> [UInt8]?? {
        guard let end = input.firstIndex(of: UInt8(ascii: "\n")) else {
            return input.count >= lineLimit ? .some(nil) : nil
        }
        guard end < lineLimit else { return .some(nil) }
        var line = Array(input[..<end])
        input.removeFirst(end + 1)
        halfLineTimer?.cancel()
        halfLineTimer = nil
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        return line
    }

    /// Gives the rest of a line its time. The time stands still while lines wait for an operation.
    private func watchHalfLine() {
        guard !input.isEmpty, !hasLine, phase != .ending else {
            halfLineTimer?.cancel()
            halfLineTimer = nil
            return
        }
        guard halfLineTimer == nil else { return }
        halfLineTimer = after(hub.settings.halfLineTimeout) { connection in
            connection.halfLineTimer = nil
            guard connection.phase != .busy else { return connection.watchHalfLine() }
            connection.bidFarewell(.halfLine)
        }
    }

    /// Answers one line that is not empty.
    private func handle(_ line: [UInt8]) {
        if let consumer { hub.heard(consumer) }
        let wait = bucket.take(now: MonotonicClock.now)
        let request: RequestLine
        do {
            request = try RequestLine(line, depthLimit: depthLimit)
        } catch {
            guard wait == nil else { return limited(id: error.id, wait) }
            return refuseLine(error)
        }
        guard wait == nil else { return limited(id: request.id, wait) }
        badLines = 0
        do {
            try perform(request)
        } catch {
            send(error)
        }
    }

    private func limited(id: UInt32, _ wait: UInt16?) {
        var error = ErrorLine(id: id, .rateLimited)
        error.retry = wait ?? 1
        send(error)
    }

    private func refuseLine(_ error: ErrorLine) {
        send(error)
        badLines = error.number == .badJSON ? badLines + 1 : 0
        if badLines >= hub.settings.badLineLimit { bidFarewell(.protocolErrors) }
    }
}

extension TimeAmount {
    /// `duration` to the nanosecond.
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
