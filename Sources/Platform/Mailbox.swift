import Synchronization

/// A place where one thread leaves a new value for another and gets the old one back to free it.
///
/// The worker's side never allocates, frees or waits: between two frames it exchanges its value for the new
/// one. Freeing the old value, however long that takes, is the owner's.
///
/// - Precondition: one thread calls `put` and `collect`, one other calls `exchange`.
@safe
public final class Mailbox<Value: ~Copyable & Sendable>: Sendable {
    // A box moves: owner -> incoming -> worker, who swaps its content -> outgoing -> owner. Each is reached
    // through exactly one of the two atomics, so that exactly one thread has it.
    private typealias Box = UnsafeMutablePointer<Value>
    private let incoming = Atomic<UInt>(0)
    private let outgoing = Atomic<UInt>(0)

    /// An empty mailbox.
    public init() {}

    deinit {
        _ = collect()
        _ = content(of: incoming.exchange(0, ordering: .acquiring))
    }

    /// Leaves `value` for the worker and returns nil, or the value left before if the worker never took it.
    ///
    /// Call `collect` until it gives the worker's old value back: the worker takes no second one before.
    public func put(_ value: consuming Value) -> Value? {
        let box = Box.allocate(capacity: 1)
        unsafe box.initialize(to: value)
        return content(of: incoming.exchange(UInt(bitPattern: box), ordering: .acquiringAndReleasing))
    }

    /// The value that the worker gave up, or nil if it has not exchanged since.
    public func collect() -> Value? {
        content(of: outgoing.exchange(0, ordering: .acquiring))
    }

    /// Exchanges `value` for one that was put, and returns whether there was one. Wait-free,
    /// allocation-free. For the worker's thread.
    public func exchange(_ value: inout Value) -> Bool {
        // Only this thread fills `outgoing`: empty now is empty at the store.
        guard incoming.load(ordering: .relaxed) != 0, outgoing.load(ordering: .acquiring) == 0 else {
            return false
        }
        let bits = incoming.exchange(0, ordering: .acquiringAndReleasing)
        guard let box = unsafe Box(bitPattern: bits) else { return false }
        let new = unsafe box.move()
        unsafe box.initialize(to: value)
        value = new
        outgoing.store(bits, ordering: .releasing)
        return true
    }

    private func content(of bits: UInt) -> Value? {
        guard let box = unsafe Box(bitPattern: bits) else { return nil }
        let value = unsafe box.move()
        unsafe box.deallocate()
        return value
    }
}
