import CLinux
import Glibc
import Kernels
import Synchronization

/// The threads that share the calls of a session: the caller, and helpers that sleep between runs.
///
/// Units are handed out one piece at a time by an atomic ticket = call << 32 | next unit. The caller takes
/// units like any helper and never waits for a helper that has not begun: a sleeping or descheduled helper
/// costs nothing but its help. Between two calls the caller waits for the units that helpers hold, at most
/// one piece each.
///
/// With one thread there are no helpers and no atomics: calls run one after the other.
@safe
final class Crew: @unchecked Sendable {
    // @unchecked: mutable state is atomic; calls and scratch outlive the helpers, which `stop` joins.
    private let calls: UnsafeBufferPointer<KernelCall>
    private let pieces: [Int]
    private let threads: Int
    private let scratch: UnsafeMutableRawPointer
    private let scratchBytes: Int
    private let ticket = Atomic<UInt64>(UInt64(UInt32.max) << 32)
    private let finished = Atomic<Int>(0)
    /// Counts runs; helpers sleep on its address.
    private let generation: UnsafeMutablePointer<Atomic<UInt32>>
    private let isStopping = Atomic<Bool>(false)
    private var helpers: [pthread_t] = []

    /// - Parameter scratch: `threads` times `scratchBytes`.
    init(
        calls: UnsafeBufferPointer<KernelCall>, threads: Int, scratch: UnsafeMutableRawPointer,
        scratchBytes: Int
    ) {
        unsafe self.calls = unsafe calls
        self.threads = threads
        unsafe self.scratch = unsafe scratch
        self.scratchBytes = scratchBytes
        unsafe generation = .allocate(capacity: 1)
        unsafe generation.initialize(to: Atomic<UInt32>(0))
        // About four pieces for each thread: small enough to even out, large enough to pay for the ticket.
        pieces = unsafe calls.map { max(1, ($0.unitCount + threads * 4 - 1) / (threads * 4)) }
        for index in 1..<max(threads, 1) { start(index) }
    }

    deinit { unsafe generation.deallocate() }

    /// Runs every call once. Allocation-free.
    func run() {
        guard threads > 1 else {
            for index in unsafe calls.indices {
                unsafe calls[index].run(0..<calls[index].unitCount, scratch: scratch)
            }
            return
        }
        unsafe generation.pointee.add(1, ordering: .sequentiallyConsistent)
        wake()
        for index in unsafe calls.indices {
            let count = unsafe calls[index].unitCount
            finished.store(0, ordering: .relaxed)
            ticket.store(UInt64(index) << 32, ordering: .releasing)
            while unsafe take(scratch: scratch) {}
            var spins = 0
            while finished.load(ordering: .acquiring) < count { pause(&spins) }
        }
        ticket.store(UInt64(UInt32.max) << 32, ordering: .releasing)
    }

    /// Takes the next piece of the current call and computes it; false if there was none left.
    private func take(scratch: UnsafeMutableRawPointer) -> Bool {
        guard let (_, _, piece) = part(ticket.load(ordering: .acquiring)) else { return false }
        // The call may have changed since: what counts is the ticket that is drawn.
        let drawn = ticket.add(UInt64(piece), ordering: .acquiringAndReleasing).oldValue
        guard let (call, first, _) = part(drawn) else { return false }
        let units = unsafe first..<min(first + piece, calls[call].unitCount)
        unsafe calls[call].run(units, scratch: scratch)
        finished.add(units.count, ordering: .releasing)
        return true
    }

    /// The call and the first free unit of a ticket; nil if none is free.
    private func part(_ ticket: UInt64) -> (call: Int, unit: Int, piece: Int)? {
        let call = Int(ticket >> 32), unit = Int(ticket & 0xffff_ffff)
        guard unsafe call < calls.count && unit < calls[call].unitCount else { return nil }
        return (call, unit, pieces[call])
    }

    private func pause(_ spins: inout Int) {
        spins += 1
        if spins % 1024 == 0 { sched_yield() }
    }
}

// Helpers: threads that sleep on a futex between runs.
extension Crew {
    private func start(_ index: Int) {
        let body = unsafe Unmanaged.passRetained(HelperBody { [unowned self] in help(index) })
        var thread = pthread_t()
        let status = unsafe pthread_create(
            &thread, nil,
            { argument in
                unsafe Unmanaged<HelperBody>.fromOpaque(argument!).takeRetainedValue().run()
                return nil
            }, body.toOpaque())
        guard status == 0 else {
            unsafe body.release()  // without the helper a run is slower, not wrong
            return
        }
        helpers.append(thread)
    }

    private func help(_ index: Int) {
        let own = unsafe scratch + index * scratchBytes
        var seen: UInt32 = 0
        while !isStopping.load(ordering: .acquiring) {
            let now = unsafe generation.pointee.load(ordering: .acquiring)
            if now == seen {
                sleep(while: seen)
                continue
            }
            seen = now
            var spins = 0
            // A run may take its time between two calls; yield, then sleep once it is over.
            while unsafe generation.pointee.load(ordering: .relaxed) == seen, !isOver(after: &spins) {
                if unsafe take(scratch: own) { spins = 0 }
            }
        }
    }

    private func isOver(after spins: inout Int) -> Bool {
        pause(&spins)
        return spins > 64 && ticket.load(ordering: .relaxed) >> 32 == UInt64(UInt32.max)
    }

    private func wake() { unsafe cl_futex_wake(UnsafeMutableRawPointer(generation)) }

    private func sleep(while value: UInt32) {
        unsafe cl_futex_wait(UnsafeMutableRawPointer(generation), value)
    }

    /// Ends the helpers and waits for them.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        unsafe generation.pointee.add(1, ordering: .sequentiallyConsistent)
        wake()
        for helper in helpers { pthread_join(helper, nil) }
        helpers = []
    }
}

private final class HelperBody: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}
