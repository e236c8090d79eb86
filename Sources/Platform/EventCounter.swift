import CLinux
import Glibc
import Synchronization

/// Lets one thread sleep until others have something for it.
///
/// It is no queue and counts nothing for the reader: whoever wakes looks into its rings. A signal costs one
/// system call if the reader sleeps, and one atomic exchange if it does not.
///
/// - Precondition: one thread waits; any may signal.
public final class EventCounter: Sendable {
    private let descriptor: Descriptor
    private let isAsleep = Atomic<Bool>(false)

    /// Throws if the process has no descriptor left.
    public init() throws(PlatformError) {
        let number = cl_event_descriptor()
        guard number >= 0 else { throw .last("eventfd", "wake-up") }
        descriptor = Descriptor(owning: number)
    }

    /// Wakes the waiting thread if it sleeps. Call it after the ring push, or whatever there is to find.
    /// Allocation-free, never blocks.
    public func signal() {
        // Either this exchange sees the flag, or the waiting thread's look at the rings, which comes after it
        // set the flag, sees what was pushed before: both are sequentially consistent.
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        guard isAsleep.exchange(false, ordering: .sequentiallyConsistent) else { return }
        var one: UInt64 = 1
        // Fails only at 2^64 - 1 unread signals; the flag allows one.
        _ = unsafe write(descriptor.number, &one, 8)
    }

    /// Sleeps until a signal, `timeoutMilliseconds` at most (-1: no limit), unless `isReady` says that there
    /// is something already. Blocks; allocation-free. May return early.
    public func wait(timeoutMilliseconds: Int32, unless isReady: () -> Bool) {
        isAsleep.store(true, ordering: .sequentiallyConsistent)
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        if !isReady() {
            var request = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
            _ = unsafe poll(&request, 1, timeoutMilliseconds)
        }
        // A signaller that took the flag has written, or is about to: a leftover wakes the next wait early.
        guard !isAsleep.exchange(false, ordering: .sequentiallyConsistent) else { return }
        var count: UInt64 = 0
        _ = unsafe read(descriptor.number, &count, 8)
    }
}
