internal import COpenBLAS
internal import Glibc
public import Platform
internal import Synchronization

/// The threads of one training: the caller and some more, which work on ranges of indices.
///
/// A range is cut into bands by its length and the number of workers alone, so that the same work on the same
/// number of workers gives the same bits, whichever thread is late. Between two calls a worker spins for some
/// microseconds, because the next piece of a step is near, and then sleeps. OpenBLAS is set to one thread: its
/// own would spin beside ours.
///
/// One thread at a time may use it, and not from inside of `split`.
public final class Workers: Sendable {
    /// The threads, the caller's among them.
    public let count: Int
    private let members: [Member]
    private let crew = Crew()

    /// - Precondition: `count` is at least 1.
    ///
    /// Throws if the kernel gives no threads.
    public init(count: Int) throws(PlatformError) {
        precondition(count > 0, "\(count) workers")
        self.count = count
        openblas_set_num_threads(1)
        var members: [Member] = []
        while members.count < count - 1 { members.append(try Member(crew, band: members.count + 1)) }
        self.members = members
    }

    /// Calls `body` with ranges that make up `0..<length`, on all workers at once, and waits for the last.
    ///
    /// - Parameter grain: the least number of indices that is worth a thread of its own.
    func split(_ length: Int, grain: Int, _ body: (Range<Int>) -> Void) {
        splitNumbered(length, grain: grain) { _, range in body(range) }
    }

    /// The same; `body` also gets the number of its band, below `count` and no other's.
    func splitNumbered(_ length: Int, grain: Int, _ body: (_ band: Int, _ range: Range<Int>) -> Void) {
        guard length > 0 else { return }
        let bands = min(count, max(1, length / max(grain, 1)))
        if bands == 1 { return body(0, 0..<length) }
        withoutActuallyEscaping(body) { body in
            // The members write disjoint bands and are waited for before `body` ends its life.
            nonisolated(unsafe) let body = body
            crew.post(to: members) { band in
                if band < bands { unsafe body(band, band * length / bands..<(band + 1) * length / bands) }
            }
            unsafe body(0, 0..<length / bands)
            crew.await()
        }
    }

    deinit {
        for member in members { member.dismiss() }
    }
}

/// What the members of one `Workers` look at.
private final class Crew: Sendable {
    /// Grows with each job.
    let number = Atomic<Int>(0)
    /// Members that have not finished the job.
    let unfinished = Atomic<Int>(0)
    // Written by the poster before `number` grows and cleared after all finished; read by members in between.
    nonisolated(unsafe) private(set) var job: (@Sendable (Int) -> Void)?

    func post(to members: [Member], _ job: @escaping @Sendable (Int) -> Void) {
        precondition(unfinished.load(ordering: .relaxed) == 0, "split inside of split")
        unsafe self.job = job  // nobody reads it now: see above
        unfinished.store(members.count, ordering: .relaxed)
        number.add(1, ordering: .sequentiallyConsistent)
        for member in members { member.wakeUp.signal() }
    }

    func await() {
        var turns = 0
        while unfinished.load(ordering: .acquiring) > 0 {
            turns += 1
            // A member may share this core with us: after a while it gets it.
            if turns > 4000 { sched_yield() }
        }
        unsafe job = nil  // all have finished
    }
}

/// A thread that takes part.
private final class Member: Sendable {
    let wakeUp: EventCounter
    private let thread: HotThread

    init(_ crew: Crew, band: Int) throws(PlatformError) {
        let wakeUp = try EventCounter()
        self.wakeUp = wakeUp
        thread = try HotThread(name: "lw-train-\(band)", state: 0) { done, stop in
            while !stop.isUp {
                var turns = 0
                while crew.number.load(ordering: .acquiring) == done, turns < 20_000 { turns += 1 }
                if crew.number.load(ordering: .acquiring) == done {
                    wakeUp.wait(timeoutMilliseconds: -1) {
                        crew.number.load(ordering: .sequentiallyConsistent) != done || stop.isUp
                    }
                    continue
                }
                done += 1
                unsafe crew.job?(band)  // posted before `number` grew
                crew.unfinished.subtract(1, ordering: .releasing)
            }
        }
    }

    /// Asks the thread to end; it is waited for when the member goes.
    func dismiss() {
        thread.stop.raise()
        wakeUp.signal()
    }
}
