import Daemon
import Events
import Platform
import Testing

@Suite("figures of the daemon")
struct FigureTests {
    @Test("a quantile is within 9 % of the truth, over the whole range")
    func quantiles() {
        var random = SplitMix64(seed: 5)
        let histogram = LatencyHistogram()
        #expect(histogram.quantile(0.5) == 0 && histogram.count == 0)
        // Spread evenly over the doublings from 16 us to a minute.
        var values = (0..<20_000).map { _ in
            UInt32(16 * Double(1 << (random.next() % 22)) * Double.random(in: 1..<2, using: &random))
        }
        for value in values { histogram.add(value) }
        values.sort()
        #expect(histogram.count == values.count)
        #expect(histogram.sumMicroseconds == values.reduce(0) { $0 + Int($1) })
        for quantile in [0.001, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1] {
            let rank = max(1, Int((Double(values.count) * quantile).rounded(.up)))
            let truth = Double(values[rank - 1]), found = Double(histogram.quantile(quantile))
            #expect(found >= truth * 0.999 && found <= truth * 1.0915, "\(quantile): \(found), \(truth)")
        }
    }

    @Test("latencies beyond the range count at its ends")
    func ends() {
        let histogram = LatencyHistogram()
        histogram.add(0)
        #expect(histogram.quantile(1) == 17)
        histogram.add(.max)
        #expect(histogram.quantile(1) == 134_217_727 || histogram.quantile(1) == 134_217_728)
        #expect(histogram.count(upTo: 20) == 1 && histogram.count(upTo: 1e12) == 2)
    }

    @Test("every committed result is counted once by verdict and by reason, and no other record as a result")
    func tally() {
        let tally = ResultTally(window: 4)
        let reasons: [Reason] = [.none, .none, .anomaly, .inBand, .deadline, .queueFull, .none]
        tally.add(reasons.map { .result(Self.result($0)) })
        tally.add([
            .event(Event(.cameraLost, severity: .error)), .event(Event(.cameraLost, severity: .error)),
        ])
        let counts = tally.snapshot
        #expect(counts.ok == 3 && counts.ng == 1 && counts.unsure == 1 && counts.invalid == 2)
        #expect(counts.all == 7 && counts.deadlines == 1)
        #expect(counts.byReason == [.none: 3, .anomaly: 1, .inBand: 1, .deadline: 1, .queueFull: 1])
        #expect(counts.events == [.cameraLost: 2])
        // A part that nobody looked at took no time.
        #expect(tally.latency.count == 5)
    }

    @Test("the newest OK scores of each calibration are kept, a window of them at least")
    func recent() {
        let tally = ResultTally(window: 4)
        for index in 0..<100 {
            var result = Self.result(index % 3 == 2 ? .anomaly : .none)
            result.calibration = Int32(index % 2)
            result.rawScore = Float(index)
            tally.add([.result(result)])
        }
        let recent = tally.snapshot.recent
        #expect(recent.keys.sorted() == [1])
        let expected = (0..<100).filter { $0 % 3 != 2 && $0 % 2 == 1 }.map(Float.init)
        let scores = recent[1] ?? []
        #expect(scores.count >= 4 && scores.count <= 8 && scores == Array(expected.suffix(scores.count)))
    }

    private static func result(_ reason: Reason) -> InspectionResult {
        var result = InspectionResult(job: 1, camera: 1, verdict: reason.verdict, reason: reason)
        result.latencyMicroseconds = 20_000
        return result
    }
}
