import Daemon
import Platform
import Synchronization
import Testing

/// How often each job ended, counted by all threads.
private final class Ends: Sendable {
    static let count = 40_000
    private let ends = Mutex([UInt8](repeating: 0, count: count + 1))
    private let sums = Atomic<Int>(0)

    func add(_ job: UInt32) {
        ends.withLock { $0[Int(job)] += 1 }
        sums.add(1, ordering: .relaxed)
    }

    func isOnce(_ jobs: ClosedRange<Int>) -> Bool {
        ends.withLock { ends in jobs.allSatisfy { ends[$0] == 1 } }
    }
    var total: Int { sums.load(ordering: .relaxed) }
}

@Test("with capture, worker and supervisor on threads of their own every trigger ends exactly once")
func docketUnderStress() throws {
    let docket = Docket(capacity: 8), frames = Ring<UInt16>(capacity: 10), ends = Ends()
    let lateCount = Atomic<Int>(0), forcedCount = Atomic<Int>(0)
    let worker = try HotThread(name: "worker", state: SplitMix64(seed: 1)) { random, stop in
        while true {
            let isLast = stop.isUp
            while let ticket = frames.pop() {
                let job = docket.trigger(ticket)?.job
                // Now and then slower than any deadline.
                if random.next() % 64 == 0 { MonotonicClock.sleep(nanoseconds: 60_000) }
                if docket.finish(ticket, score: 1, microseconds: 1) { ends.add(job ?? 0) }
            }
            if isLast { return }
        }
    }
    let supervisor = try HotThread(name: "supervisor", state: 0) { _, stop in
        while !stop.isUp {
            _ = docket.collect(now: MonotonicClock.now, closing: false) { overdue in
                switch overdue {
                case .verdict(let trigger):
                    ends.add(trigger.job)
                    forcedCount.add(1, ordering: .relaxed)
                case .frame(let trigger): ends.add(trigger.job)
                case .late: lateCount.add(1, ordering: .relaxed)
                }
            }
        }
    }
    var job = 0
    var random = SplitMix64(seed: 2)
    while job < Ends.count {
        let now = MonotonicClock.now
        let trigger = DocketTests.trigger(
            UInt32(job + 1), deadline: now + Int(random.next() % 40_000), triggered: now)
        if random.next() % 4 == 0 {
            guard let ticket = docket.reserve() else { continue }
            job += 1
            docket.await(ticket, trigger, frameDeadline: min(trigger.deadline, now + 10_000))
            if random.next() % 8 == 0 { MonotonicClock.sleep(nanoseconds: 20_000) }
            if let taken = docket.take(frameOf: MonotonicClock.now, header: { $0.encoder = 1 }) {
                while frames.push(taken) != nil {}
            }
        } else if let ticket = docket.open(trigger) {
            job += 1
            while frames.push(ticket) != nil {}
        }
    }
    worker.join()
    while docket.count > 0 { MonotonicClock.sleep(nanoseconds: 100_000) }
    supervisor.join()
    #expect(ends.total == Ends.count && ends.isOnce(1...Ends.count))
    #expect(lateCount.load(ordering: .relaxed) == forcedCount.load(ordering: .relaxed))
    #expect(forcedCount.load(ordering: .relaxed) > 0)
}
