import Events
import Synchronization

/// Records on their way to the sockets before their commit (LWP/1, P15): one writer, one reader, bounded.
///
/// A full ring takes no more: what does not fit reaches the clients after its commit, as in the default mode.
///
/// - Invariant: `written - read` is 0...capacity; slots `read..<written` hold a record.
@safe
final class FastRing: @unchecked Sendable {
    // Slots are touched by the writer only between `read + capacity` and `written`, by the reader only between
    // `read` and `written`; both numbers are published after the slot, with release and acquire.
    private let slots: UnsafeMutablePointer<Record?>
    private let capacity: Int
    private let written = Atomic<Int>(0)
    private let read = Atomic<Int>(0)

    init(capacity: Int) {
        self.capacity = capacity
        unsafe slots = UnsafeMutablePointer.allocate(capacity: capacity)
        unsafe slots.initialize(repeating: nil, count: capacity)
    }

    deinit {
        unsafe slots.deinitialize(count: capacity)
        unsafe slots.deallocate()
    }

    /// Adds `record`, or returns false where the ring is full. Never blocks; only the writer's thread calls it.
    func push(_ record: Record) -> Bool {
        let at = written.load(ordering: .relaxed)
        guard at - read.load(ordering: .acquiring) < capacity else { return false }
        unsafe slots[at % capacity] = record
        written.store(at + 1, ordering: .releasing)
        return true
    }

    /// Takes the oldest record, or nil. Never blocks; only the reader's thread calls it.
    func pop() -> Record? {
        let at = read.load(ordering: .relaxed)
        guard at < written.load(ordering: .acquiring) else { return nil }
        let record = unsafe slots[at % capacity]
        unsafe slots[at % capacity] = nil
        read.store(at + 1, ordering: .releasing)
        return record
    }
}
