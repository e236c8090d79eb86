public import Platform
internal import Synchronization

// HOW BATCHES ARE LOADED
//
// Of T threads, thread t makes the batches of steps t, t + T, t + 2T, ... into a ring of its own; the training
// pops from ring 0, 1, ..., T - 1, 0, ... So batches come in the order of the steps whichever thread is late, and
// no more are made ahead than the rings hold. What a batch contains depends on the step and the seed alone:
// a training that is killed goes on with a loader that begins at its step.

/// Makes batches ahead of a training, on threads of its own.
///
/// One thread takes them. Letting the loader go stops the threads.
public final class BatchLoader<Batch: Sendable>: Sendable {
    private let lanes: [Lane<Batch>]
    private let steps: Range<Int>
    private let taken = Atomic<Int>(0)

    /// Starts making the batches of `steps`.
    ///
    /// - Parameters:
    ///   - threads: at least 1.
    ///   - ahead: how many batches each thread may be ahead, at least 1.
    ///   - seed: with the step, what the random numbers of `make` depend on.
    ///   - make: makes the batch of a step; on several threads at once. What it throws, `next` throws.
    ///
    /// Throws if the kernel gives no threads.
    public init(
        steps: Range<Int>, threads: Int, ahead: Int, seed: UInt64,
        make: @escaping @Sendable (_ step: Int, _ random: inout RandomNumbers) throws -> Batch
    ) throws(PlatformError) {
        precondition(threads > 0 && ahead > 0, "\(threads) threads, \(ahead) batches ahead")
        self.steps = steps
        var lanes: [Lane<Batch>] = []
        while lanes.count < threads {
            let first = steps.lowerBound + lanes.count
            lanes.append(
                try Lane(first: first, stride: threads, end: steps.upperBound, ahead: ahead) { step in
                    var random = RandomNumbers(seed: seed, stream: "step \(step)")
                    return Result { try make(step, &random) }
                })
        }
        self.lanes = lanes
    }

    /// The batch of the next step; nil after the last. Blocks until it is made. Throws what made it fail; the
    /// next call then gives the step after.
    public func next() throws -> Batch? {
        let number = taken.load(ordering: .relaxed)
        guard number < steps.count else { return nil }
        taken.store(number + 1, ordering: .relaxed)
        return try lanes[number % lanes.count].take().get()
    }

    deinit {
        for lane in lanes { lane.dismiss() }
    }
}

/// One thread and its ring.
private final class Lane<Batch: Sendable>: Sendable {
    private let ring: Ring<Result<Batch, any Error>>
    private let isMade: EventCounter
    private let hasRoom: EventCounter
    private let thread: HotThread

    init(
        first: Int, stride: Int, end: Int, ahead: Int,
        make: @escaping @Sendable (Int) -> Result<Batch, any Error>
    ) throws(PlatformError) {
        var capacity = 2
        while capacity < ahead { capacity *= 2 }
        let ring = Ring<Result<Batch, any Error>>(capacity: capacity)
        let (isMade, hasRoom) = (try EventCounter(), try EventCounter())
        (self.ring, self.isMade, self.hasRoom) = (ring, isMade, hasRoom)
        thread = try HotThread(name: "lw-batches", state: first) { step, stop in
            while step < end, !stop.isUp {
                hasRoom.wait(timeoutMilliseconds: -1) { ring.count < ahead || stop.isUp }
                guard ring.count < ahead, !stop.isUp else { continue }
                _ = ring.push(make(step))  // there is room: this thread alone pushes
                step += stride
                isMade.signal()
            }
        }
    }

    func take() -> Result<Batch, any Error> {
        while true {
            if let batch = ring.pop() {
                hasRoom.signal()
                return batch
            }
            isMade.wait(timeoutMilliseconds: -1) { ring.count > 0 }
        }
    }

    func dismiss() {
        thread.stop.raise()
        hasRoom.signal()
    }
}
