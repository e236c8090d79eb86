import Events
import Inspection
import Platform
import Testing

/// A calibrated threshold with median 0 and limit 1, from 60 parts.
private func oneLimit() throws -> Threshold {
    let parts = (0..<60).map {
        GoodParts.Part(score: $0 < 31 ? 0 : 1, timeMilliseconds: Int64($0) * 3_600_000)
    }
    return try #require(
        GoodParts(parts: parts).threshold(for: FalseRejectClaim(rate: 0.05, confidence: 0.95)))
}

@Test("a score at the limit is OK and prints 10000, the next number above is not and prints more")
func limit() throws {
    let threshold = try oneLimit()
    #expect(threshold.judge(1, band: 0.1) == Judgement(.none, score: 10_000))
    #expect(threshold.judge(Float(1).nextUp, band: 0.1) == Judgement(.inBand, score: 10_001))
    #expect(threshold.judge(1.1, band: 0.1).verdict == .unsure)
    #expect(threshold.judge(1.2, band: 0.1) == Judgement(.anomaly, score: 12_000))
    #expect(threshold.judge(Float(1).nextUp, band: 0).verdict == .ng)
    #expect(threshold.judge(-5, band: 0.1) == Judgement(.none, score: 0))
    #expect(threshold.judge(.infinity, band: 0.1) == Judgement(.anomaly, score: 9_999_999))
    #expect(threshold.judge(.nan, band: 0.1).verdict == .invalid)
}

@Test("an untaught inspection never says OK, whatever the score")
func untaught() {
    let threshold = Threshold(untaughtMedian: 0.2, limit: 0.6)
    var generator = SplitMix64(seed: 1)
    for _ in 0..<10_000 {
        let raw = Float(bitPattern: UInt32.random(in: 0...UInt32.max, using: &generator))
        #expect(threshold.judge(raw, band: 0.1).verdict != .ok)
    }
    #expect(threshold.judge(0, band: 0) == Judgement(.uncalibrated, score: 0))
}

@Test("a frame is NG before INVALID before UNSURE before OK, in any order")
func combination() {
    let ok = Judgement(.none, score: 10)
    let unsure = Judgement(.inBand, score: 10_100)
    let invalid = Judgement(.modelNotReady)
    let ng = Judgement(.anomaly, score: 20_000)
    func frame(_ judgements: [Judgement]) -> FrameVerdict {
        judgements.reduce(into: FrameVerdict()) { $0.add($1) }
    }
    for (set, expected, partial) in [
        ([], Verdict.invalid, false), ([ok], .ok, false), ([ok, unsure], .unsure, false),
        ([ok, invalid], .invalid, true), ([ng, invalid], .ng, true), ([unsure, ng, ok], .ng, false),
        ([invalid, invalid], .invalid, false),
    ] {
        for order in [set, set.reversed()] {
            #expect(frame(order).worst.verdict == expected)
            #expect(frame(order).isPartial == partial)
        }
    }
    #expect(frame([ng, Judgement(.anomaly, score: 30_000)]).worst.score == 30_000)
}

@Test("two of three strips above the limit are needed, and one alone is UNSURE")
func debounce() {
    var debounce = Debounce(needed: 2, window: 3)
    let (ok, ng) = (Judgement(.none, score: 5_000), Judgement(.anomaly, score: 15_000))
    let verdicts = [ng, ok, ok, ng, ng, ok, ng, ok, ok, ng].map { debounce.apply(to: $0).judgement.verdict }
    #expect(verdicts == [.unsure, .ok, .ok, .unsure, .ng, .ok, .ng, .ok, .ok, .unsure])
}

@Test("a run of NG goes on down to the released limit")
func release() {
    var debounce = Debounce(needed: 1, window: 1, release: 0.8)
    let scores: [UInt32] = [9_000, 12_000, 9_000, 8_001, 8_000, 9_000]
    let verdicts = scores.map {
        debounce.apply(to: Judgement($0 > 10_000 ? .anomaly : .none, score: $0)).judgement.verdict
    }
    #expect(verdicts == [.ok, .ng, .ng, .ng, .ok, .ok])
}

@Test("debouncing never makes anything OK that was not")
func neverMilder() {
    var generator = SplitMix64(seed: 5)
    for _ in 0..<200 {
        let window = Int.random(in: 1...16, using: &generator)
        var debounce = Debounce(
            needed: Int.random(in: 1...window, using: &generator), window: window,
            release: Float.random(in: 0.5...1, using: &generator))
        for _ in 0..<100 {
            let reason = [Reason.none, .inBand, .anomaly, .incomplete].randomElement(using: &generator)!
            let score: UInt32 =
                reason == .none
                ? .random(in: 0...10_000, using: &generator) : .random(in: 10_001...20_000, using: &generator)
            let before = Judgement(reason, score: score)
            let after = debounce.apply(to: before).judgement
            #expect(after.verdict != .ok || before.verdict == .ok)
            #expect((after.verdict == .invalid) == (before.verdict == .invalid))
        }
    }
}
