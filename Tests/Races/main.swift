// Runs the crossings between threads under the thread sanitizer; built by Packaging/test-races, not by SwiftPM,
// because the tests' own allocation counter and the sanitizer both replace malloc.
//
// Whoever reads what the other thread wrote without a happens-before in between is reported, and the
// process ends with an error.

import Glibc
import Platform

/// An element with memory of its own, which the sanitizer watches.
final class Payload: @unchecked Sendable {
    // @unchecked: written before it crosses, read after; that this is enough is what is tested.
    var value: Int
    init(_ value: Int) { self.value = value }
}

func races(inRingOf capacity: Int) throws {
    let total = 50_000
    let ring = Ring<Payload>(capacity: capacity), isComplete = StopFlag()
    let sums = Ring<Int>(capacity: 1)
    let wakeUp = try EventCounter()
    let consumer = try HotThread(name: "consumer", state: ring) { ring, _ in
        var sum = 0
        while true {
            let isLast = isComplete.isUp
            while let payload = ring.pop() { sum += payload.value }
            if isLast { break }
            wakeUp.wait(timeoutMilliseconds: 100, unless: { ring.count > 0 || isComplete.isUp })
        }
        _ = sums.push(sum)
    }
    var refused = 0
    for value in 0..<total {
        if let back = ring.push(Payload(value)) { refused += back.value }
        wakeUp.signal()
    }
    isComplete.raise()
    wakeUp.signal()
    consumer.join()
    let delivered = sums.pop() ?? -1
    precondition(delivered + refused == total * (total - 1) / 2, "\(delivered) + \(refused)")
}

func racesInMailbox() throws {
    let box = Mailbox<Payload>(), isComplete = StopFlag()
    let worker = try HotThread(name: "worker", state: Payload(0)) { payload, _ in
        while !isComplete.isUp {
            _ = box.exchange(&payload)
            payload.value += 1
        }
    }
    for value in 0..<20_000 {
        if let untaken = box.put(Payload(value)) { untaken.value += 1 }
        if let old = box.collect() { old.value += 1 }
    }
    isComplete.raise()
    worker.join()
}

for capacity in [1, 2, 7, 64] { try races(inRingOf: capacity) }
try racesInMailbox()
try racesInDocket()
print(
    "No race in 200,000 elements of four rings, 20,000 values of a mailbox and 20,000 triggers of a docket.")
