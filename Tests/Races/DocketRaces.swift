import Events
import Platform
import Synchronization

/// Capture and control on this thread, worker and supervisor on threads of their own: every trigger ends once.
func racesInDocket() throws {
    let docket = Docket(capacity: 8), frames = Ring<UInt16>(capacity: 10), total = 20_000
    let inTime = Atomic<Int>(0), forced = Atomic<Int>(0), frameless = Atomic<Int>(0), late = Atomic<Int>(0)
    let worker = try HotThread(name: "worker", state: 0) { turns, stop in
        while true {
            let isLast = stop.isUp
            while let ticket = frames.pop() {
                turns += 1
                let job = docket.trigger(ticket)?.job ?? 1
                if turns % 64 == 0 { MonotonicClock.sleep(nanoseconds: 60_000) }
                if docket.finish(ticket, score: job, microseconds: job) { inTime.add(1, ordering: .relaxed) }
            }
            if isLast { return }
        }
    }
    let supervisor = try HotThread(name: "supervisor", state: UInt32(0)) { sum, stop in
        while !stop.isUp {
            _ = docket.collect(now: MonotonicClock.now, closing: false) { overdue in
                switch overdue {
                case .verdict(let trigger):
                    sum &+= trigger.job
                    forced.add(1, ordering: .relaxed)
                case .frame(let trigger):
                    sum &+= trigger.job
                    frameless.add(1, ordering: .relaxed)
                case .late(let trigger, let score, let microseconds):
                    sum &+= trigger.job &+ score &+ microseconds
                    late.add(1, ordering: .relaxed)
                }
            }
        }
    }
    var job = 0
    while job < total {
        var trigger = PendingTrigger()
        trigger.job = UInt32(job + 1)
        trigger.triggered = MonotonicClock.now
        trigger.deadline = trigger.triggered + job * 7_919 % 100_000
        if job % 4 == 0 {
            guard let ticket = docket.reserve() else { continue }
            docket.await(ticket, trigger, frameDeadline: min(trigger.deadline, trigger.triggered + 20_000))
            if let taken = docket.take(frameOf: MonotonicClock.now, header: { $0.encoder = 1 }) {
                while frames.push(taken) != nil {}
            }
        } else {
            guard let ticket = docket.open(trigger) else { continue }
            while frames.push(ticket) != nil {}
        }
        job += 1
    }
    worker.join()
    while docket.count > 0 { MonotonicClock.sleep(nanoseconds: 100_000) }
    supervisor.join()
    let ends =
        inTime.load(ordering: .relaxed) + forced.load(ordering: .relaxed)
        + frameless.load(ordering: .relaxed)
    precondition(ends == total, "\(ends) ends of \(total) triggers")
    precondition(late.load(ordering: .relaxed) == forced.load(ordering: .relaxed))
}
