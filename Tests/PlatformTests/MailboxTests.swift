import CAllocationCounter
import Platform
import Testing

struct MailboxTests {
    @Test("a new value goes in, and the old one comes out once")
    func exchange() {
        let box = Mailbox<Int>()
        var value = 1
        #expect(!box.exchange(&value))
        #expect(box.put(2) == nil)
        #expect(box.collect() == nil)
        #expect(box.exchange(&value) && value == 2)
        #expect(!box.exchange(&value) && value == 2)
        #expect(box.collect() == 1)
        #expect(box.collect() == nil)
    }

    @Test("a value that was never taken comes back when the next one is put")
    func untaken() {
        let box = Mailbox<Int>()
        var value = 1
        #expect(box.put(2) == nil)
        #expect(box.put(3) == 2)
        #expect(box.exchange(&value) && value == 3)
    }

    @Test("the worker takes no second value before its old one was collected, so that none is lost")
    func oldOneFirst() {
        let box = Mailbox<Int>()
        var value = 1
        _ = box.put(2)
        #expect(box.exchange(&value))
        _ = box.put(3)
        #expect(!box.exchange(&value) && value == 2)
        #expect(box.collect() == 1)
        #expect(box.exchange(&value) && value == 3)
        #expect(box.collect() == 2)
    }

    @Test("between two threads every value that was put is used or comes back, once")
    func everyValueOnce() throws {
        let total = 20_000
        let box = Mailbox<Int>()
        let isComplete = StopFlag()
        let last = Ring<Int>(capacity: 1)
        let worker = try HotThread(name: "worker", state: 0) { value, _ in
            while !isComplete.isUp { _ = box.exchange(&value) }
            _ = last.push(value)
        }
        var seen: [Int] = []
        for value in 1...total {
            if let untaken = box.put(value) { seen.append(untaken) }
            if let old = box.collect() { seen.append(old) }
        }
        isComplete.raise()
        worker.join()
        if let old = box.collect() { seen.append(old) }
        seen.append(try #require(last.pop()))
        // The one that may still lie there: pushed out by another.
        if let untaken = box.put(-1) { seen.append(untaken) }
        #expect(seen.sorted() == Array(0...total))
    }

    @Test("the worker's side allocates nothing")
    func allocatesNothing() {
        let box = Mailbox<Int>()
        var value = 0, exchanged = 0, allocations: UInt64 = 0
        for number in 1...100 {
            _ = box.put(number)
            let before = ca_thread_allocations()
            if box.exchange(&value) { exchanged += 1 }
            allocations += ca_thread_allocations() - before
            _ = box.collect()
        }
        #expect(exchanged == 100 && allocations == 0)
    }
}
