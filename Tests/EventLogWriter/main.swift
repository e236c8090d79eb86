// Writes to an event log until it is killed, and says on standard output what it knows to be durable:
//
//   A <job>                 the trigger was accepted
//   R <seq> <job> <score>   the result was committed
//   K <name> <seq>          the acknowledgement was committed
//
// Usage: event-log-writer FOLDER SEED

import EventStorage
import Events
import Glibc
import Synchronization

/// Prints one line in one system call, so that a killed process never leaves half of one.
func say(_ text: String) {
    let bytes = Array((text + "\n").utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe write(1, $0.baseAddress, $0.count) }
}

/// Commits what waits and the results of `jobs`, and says so.
func publish(_ jobs: [UInt32], to log: EventLog) throws {
    let bodies = jobs.map { job in
        var result = InspectionResult(job: job, camera: 1, verdict: .ng, reason: .anomaly)
        result.score = job &* 7919 % 10_000_000
        return Record.Body.result(result)
    }
    let last = try log.commit(bodies).last
    for (index, job) in jobs.enumerated() {
        say("R \(last - UInt64(jobs.count - 1 - index)) \(job) \(job &* 7919 % 10_000_000)")
    }
}

var settings = StoreSettings()
settings.sequenceBlock = 100
settings.ballastBytes = 1 << 20
let log = try EventLog.open(folder: CommandLine.arguments[1], settings: settings)
var random = UInt64(CommandLine.arguments[2]) ?? 1

for name in ["plc1", "plc2"] {
    log.register(name, uid: 1000) { result in
        if case .success(let consumer) = result { say("K \(name) \(consumer.acked)") }
    }
}
try log.commit([])

let accepted = Mutex<[UInt32]>([])
while true {
    random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    let dice = random >> 40
    if dice % 3 == 0 {
        log.accept(Trigger(camera: 1, partNumber: 7, deadlineMilliseconds: 80)) { result in
            guard case .success(let job) = result else { return }
            say("A \(job)")
            accepted.withLock { $0.append(job) }
        }
    }
    if dice % 5 == 0 {
        let name = dice % 2 == 0 ? "plc1" : "plc2"
        log.acknowledge(name, log.status.last - min(dice % 8, log.status.last)) { result in
            if case .success(let seq) = result { say("K \(name) \(seq)") }
        }
    }
    let waiting = accepted.withLock { accepted in
        defer { accepted = [] }
        return accepted
    }
    try publish(waiting + (0..<Int(dice / 16 % 6)).map { _ in log.takeJob() }, to: log)
    try log.maintain()
}
