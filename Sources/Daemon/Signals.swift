internal import Dispatch
internal import Glibc
internal import Synchronization

/// Signals that are waited for instead of ending the process.
public final class Signals: @unchecked Sendable {
    // @unchecked: the sources are made and cancelled by the owner alone; Dispatch declares them not Sendable.
    private let stream: AsyncStream<Int32>
    private let sources: [any DispatchSourceSignal]

    /// From now on `numbers` no longer do what they did by default.
    public init(_ numbers: [Int32]) {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        self.stream = stream
        sources = numbers.map { number in
            // Ignored: the source sees a signal all the same, and nothing else happens.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield(number) }
            source.resume()
            return source
        }
    }

    deinit {
        for source in sources { source.cancel() }
    }

    /// The next of them; 0 if the task was cancelled.
    public func next() async -> Int32 {
        for await number in stream { return number }
        return 0
    }
}
