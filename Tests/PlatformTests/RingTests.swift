import CAllocationCounter
import Platform
import Synchronization
import Testing

/// Counts its own lives, to show that each element ends once.
private struct Tracked: ~Copyable, Sendable {
    let number: Int
    let living: Living

    final class Living: Sendable {
        let count = Atomic<Int>(0)
    }

    init(_ number: Int, _ living: Living) {
        self.number = number
        self.living = living
        living.count.add(1, ordering: .relaxed)
    }

    deinit { living.count.subtract(1, ordering: .relaxed) }
}

struct RingTests {
    @Test("any order of pushes and pops is that of a queue of the same capacity", arguments: 1...9)
    func equalsQueue(capacity: Int) {
        let ring = Ring<Int>(capacity: capacity)
        var queue: [Int] = [], refused = 0
        var random = SplitMix64(seed: UInt64(capacity))
        for number in 0..<5000 {
            if random.next() % 2 == 0 {
                let back = ring.push(number)
                if queue.count < capacity {
                    #expect(back == nil)
                    queue.append(number)
                } else {
                    #expect(back == number)
                    refused += 1
                }
            } else {
                #expect(ring.pop() == (queue.isEmpty ? nil : queue.removeFirst()))
            }
            #expect(ring.count == queue.count)
            #expect(ring.refusedCount == refused)
        }
    }

    @Test("between two threads every element is delivered once and in order, or handed back, never both")
    func neitherLostNorTwice() throws {
        let total = 200_000
        let ring = Ring<Int>(capacity: 7)
        let isComplete = StopFlag()
        let results = Ring<[Int]>(capacity: 1)
        let consumer = try HotThread(name: "consumer", state: ring) { ring, _ in
            var delivered: [Int] = []
            while true {
                // Asked before the last look into the ring, or an element could come in between.
                let isLast = isComplete.isUp
                while let number = ring.pop() { delivered.append(number) }
                if isLast { break }
            }
            _ = results.push(delivered)
        }
        var refused: [Int] = []
        for number in 0..<total {
            if let back = ring.push(number) { refused.append(back) }
        }
        isComplete.raise()
        consumer.join()
        let delivered = try #require(results.pop())
        #expect(zip(delivered, delivered.dropFirst()).allSatisfy(<))
        #expect(delivered.count + refused.count == total)
        #expect(Set(delivered).isDisjoint(with: refused))
        #expect(ring.refusedCount == refused.count && ring.pushedCount == delivered.count)
    }

    @Test("noncopyable elements end exactly once: popped, handed back or left in the ring")
    func endsOnce() {
        let living = Tracked.Living()
        do {
            let ring = Ring<Tracked>(capacity: 3)
            for number in 0..<5 { _ = ring.push(Tracked(number, living)) }
            #expect(living.count.load(ordering: .relaxed) == 3)
            if let first = ring.pop() {
                let number = first.number
                #expect(number == 0)
            }
            #expect(living.count.load(ordering: .relaxed) == 2)
        }
        #expect(living.count.load(ordering: .relaxed) == 0)
    }

    @Test("pushing and popping allocate nothing")
    func allocatesNothing() {
        let ring = Ring<InlineArray<64, UInt64>>(capacity: 4)
        func turn() -> Bool {
            var isPopped = true
            for _ in 0..<6 { _ = ring.push(InlineArray(repeating: 1)) }
            for _ in 0..<4 { isPopped = ring.pop() != nil && isPopped }
            return isPopped
        }
        _ = turn()  // what the runtime makes at the first use of a type is not the ring's
        let before = ca_thread_allocations()
        for _ in 0..<1000 { _ = turn() }
        let after = ca_thread_allocations()
        #expect(after == before)
    }
}
