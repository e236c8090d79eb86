import Synchronization

// How a ring works
//
// Two counters that only rise: `tail` counts what was pushed, `head` what was popped. Element n lies in slot
// n & mask. Only the producer writes `tail`, only the consumer writes `head`, and each publishes its counter
// with a releasing store after it has touched the slot, so that the acquiring load of the other side sees the
// slot as it should be.
//
// Each side keeps its counter, and the last value that it saw of the other's, in memory of its own, two cache
// lines apart (processors fetch lines in pairs). The other side's counter is read only when the copy says
// that there is no room, or nothing to take: a ring that is neither full nor empty moves one line less.

/// A bounded queue between two threads: one that pushes, one that pops.
///
/// Both are wait-free and allocation-free. A full ring hands the newest element back and counts it; what was
/// pushed is delivered once, in order. Elements that nobody popped end with the ring.
///
/// - Precondition: at any time at most one thread pushes and at most one pops.
@safe
public final class Ring<Element: ~Copyable & Sendable>: @unchecked Sendable {
    // @unchecked: each side's fields are touched by its one thread; counters are atomic.
    private struct Side: ~Copyable {
        /// Elements that this side has pushed or popped.
        let counter = Atomic<Int>(0)
        /// The other side's counter as last seen; this side's thread alone reads and writes it.
        var seen = 0
        /// Elements handed back; only of the producer.
        let refused = Atomic<Int>(0)
    }

    /// Elements it can hold.
    public let capacity: Int
    private let mask: Int
    private let slots: UnsafeMutablePointer<Element>
    private let storage: UnsafeMutableRawPointer
    private let producer: UnsafeMutablePointer<Side>
    private let consumer: UnsafeMutablePointer<Side>

    /// A ring for `capacity` elements; allocates all it will ever need.
    ///
    /// - Precondition: `capacity` is 1...2^24.
    public init(capacity: Int) {
        precondition(1...(1 << 24) ~= capacity, "a ring of \(capacity) elements")
        var slotCount = 1
        while slotCount < capacity { slotCount *= 2 }
        self.capacity = capacity
        mask = slotCount - 1
        unsafe slots = .allocate(capacity: slotCount)
        // A Side has 24 bytes; one at each of two multiples of 128.
        unsafe storage = .allocate(byteCount: 256, alignment: 128)
        unsafe producer = storage.bindMemory(to: Side.self, capacity: 1)
        unsafe consumer = (storage + 128).bindMemory(to: Side.self, capacity: 1)
        unsafe producer.initialize(to: Side())
        unsafe consumer.initialize(to: Side())
    }

    deinit {
        while let element = pop() { _ = consume element }
        unsafe producer.deinitialize(count: 1)
        unsafe consumer.deinitialize(count: 1)
        unsafe storage.deallocate()
        unsafe slots.deallocate()
    }

    /// Puts `element` at the end and returns nil, or hands it back if the ring is full. Wait-free,
    /// allocation-free. For the producer's thread.
    public func push(_ element: consuming Element) -> Element? {
        let tail = unsafe producer.pointee.counter.load(ordering: .relaxed)
        if unsafe tail - producer.pointee.seen == capacity {
            unsafe producer.pointee.seen = consumer.pointee.counter.load(ordering: .acquiring)
            if unsafe tail - producer.pointee.seen == capacity {
                unsafe producer.pointee.refused.add(1, ordering: .relaxed)
                return element
            }
        }
        unsafe (slots + tail & mask).initialize(to: element)
        unsafe producer.pointee.counter.store(tail + 1, ordering: .releasing)
        return nil
    }

    /// Takes the oldest element out, or returns nil if there is none. Wait-free, allocation-free. For the
    /// consumer's thread.
    public func pop() -> Element? {
        let head = unsafe consumer.pointee.counter.load(ordering: .relaxed)
        if unsafe head == consumer.pointee.seen {
            unsafe consumer.pointee.seen = producer.pointee.counter.load(ordering: .acquiring)
            if unsafe head == consumer.pointee.seen { return nil }
        }
        let element = unsafe (slots + head & mask).move()
        unsafe consumer.pointee.counter.store(head + 1, ordering: .releasing)
        return element
    }

    /// Elements inside; exact for the two threads, and for others true a moment ago. Wait-free.
    public var count: Int {
        // The head first: read after it, the tail cannot lie below it.
        let head = unsafe consumer.pointee.counter.load(ordering: .acquiring)
        return min(unsafe producer.pointee.counter.load(ordering: .acquiring) - head, capacity)
    }

    /// Elements pushed so far, those handed back not among them. From any thread.
    public var pushedCount: Int { unsafe producer.pointee.counter.load(ordering: .relaxed) }

    /// Elements handed back so far. From any thread.
    public var refusedCount: Int { unsafe producer.pointee.refused.load(ordering: .relaxed) }
}
