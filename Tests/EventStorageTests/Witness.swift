import EventStorage
import Events
import Testing

/// What was said to be durable, and what a log that opens again after any accident owes to it.
struct Witness {
    /// Jobs by the numbers of their results.
    private(set) var published: [UInt64: UInt32] = [:]
    private(set) var accepted: Set<UInt32> = []
    private(set) var acked: [String: UInt64] = [:]

    mutating func accept(_ job: UInt32) { accepted.insert(job) }

    mutating func publish(_ job: UInt32, as seq: UInt64) {
        #expect(published[seq] == nil || published[seq] == job, "number \(seq) was given twice")
        published[seq] = job
    }

    mutating func acknowledge(_ name: String, _ seq: UInt64) {
        #expect(seq >= acked[name] ?? 0, "the cursor of \(name) moved back")
        acked[name] = seq
    }

    /// Reads one line of `event-log-writer`.
    mutating func read(_ line: Substring) {
        let words = line.split(separator: " ")
        switch words.first {
        case "A": accept(UInt32(words[1])!)
        case "R": publish(UInt32(words[2])!, as: UInt64(words[1])!)
        case "K": acknowledge(String(words[1]), UInt64(words[2])!)
        default: Issue.record("the writer said '\(line)'")
        }
    }

    /// No number twice, none uncovered, nothing published or acknowledged lost, one result per accepted job.
    func check(_ log: EventLog, _ comment: Comment) throws {
        let records = try log.everything()
        #expect(coverage(records) == 1...log.status.last, comment)
        var jobs: [UInt32: UInt64] = [:]
        for record in records {
            guard let result = record.result else { continue }
            #expect(jobs.updateValue(record.seq, forKey: result.job) == nil, comment)
            if result.reason != .uncleanStop, result.reason != .internal {
                #expect(result.score == score(of: result.job), comment)
            }
        }
        // What retention has deleted is owed no more.
        let first = log.status.first
        let oldestJob = jobs.keys.min() ?? 0
        for (seq, job) in published where seq >= first {
            #expect(jobs[job] == seq, "\(comment): result \(seq) of job \(job)")
        }
        for job in accepted where first == 1 || job > oldestJob {
            #expect(jobs[job] != nil, "\(comment): accepted job \(job) has no result")
        }
        for (name, seq) in acked { #expect(log.consumer(name)?.acked ?? 0 >= seq, "\(comment): \(name)") }
    }
}
