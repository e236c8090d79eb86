import Inspection
import Platform
import Testing

/// The table of the operations manual, section 8: rate, then parts needed for r = 0, 1, 2 and 5 at 95 %, and
/// for r = 0 at 99 %.
private let table: [(rate: Double, needed: [Int], at99: Int)] = [
    (0.05, [59, 93, 124, 208], 90), (0.01, [299, 473, 628, 1_049], 459),
    (0.005, [598, 947, 1_258, 2_100], 919), (0.001, [2_995, 4_742, 6_294, 10_511], 4_603),
    (0.0005, [5_990, 9_486, 12_590, 21_024], 9_209), (0.0001, [29_956, 47_437, 62_956, 105_128], 46_050),
]

@Test("the number of good parts that supports a rate is that of the exact binomial table", arguments: table)
func partsNeeded(row: (rate: Double, needed: [Int], at99: Int)) {
    let claim = FalseRejectClaim(rate: row.rate, confidence: 0.95)
    #expect(claim.fewestParts == row.needed[0])
    #expect(FalseRejectClaim(rate: row.rate, confidence: 0.99).fewestParts == row.at99)
    for (rejects, count) in zip([0, 1, 2, 5], row.needed) {
        #expect(claim.permittedRejects(among: count) == rejects)
        #expect(claim.permittedRejects(among: count - 1) == (rejects == 0 ? nil : rejects - 1))
    }
}

@Test("the bound for a given set is the upper limit of Clopper and Pearson")
func bounds() {
    for (count, percent) in [(100, 2.95), (300, 0.99), (1_000, 0.299), (20, 13.9), (8, 31.2)] {
        let bound = 100 * Binomial.upperBound(failures: 0, of: count, confidence: 0.95)
        #expect(abs(bound - percent) < 0.006 * max(percent, 1), "\(count) parts: \(bound) %")
    }
    #expect(Binomial.upperBound(failures: 5, of: 5, confidence: 0.95) == 1)
}

@Test("a calibrated rate is kept in at least 94 % of draws, as 95 % confidence promises")
func coverage() {
    // Scores uniform in 0...1: the true rate above the threshold T is 1 - T.
    var generator = SplitMix64(seed: 7)
    let claim = FalseRejectClaim(rate: 0.05, confidence: 0.95)
    for count in [59, 124, 300] {
        var kept = 0
        for _ in 0..<2_000 {
            let parts = (0..<count).map {
                GoodParts.Part(
                    score: Float.random(in: 0..<1, using: &generator), timeMilliseconds: Int64($0) * 3_600_000
                )
            }
            let threshold = GoodParts(parts: parts).threshold(for: claim)
            if threshold?.level == .calibrated, 1 - (threshold?.limit ?? 0) <= 0.05 { kept += 1 }
        }
        #expect(Double(kept) / 2_000 >= 0.94, "\(count) parts: \(kept) of 2000")
    }
}

@Test("two taught parts give a provisional threshold without a rate, none gives none")
func provisional() throws {
    let claim = FalseRejectClaim()
    #expect(GoodParts(parts: []).threshold(for: claim) == nil)
    let taught = GoodParts(
        parts: [
            .init(score: 0.1, timeMilliseconds: 0, isReference: true),
            .init(score: 0.1, timeMilliseconds: 1, isReference: true),
        ], leaveOneOutScores: [0.30, 0.32, 0.34, 0.31, .nan])
    let threshold = try #require(taught.threshold(for: claim))
    #expect(threshold.level == .provisional)
    #expect(threshold.claim == nil)
    // The strangest good part; printed scores begin at the median, at most at nine tenths of that.
    #expect(threshold.limit == 0.34)
    #expect(threshold.median == 0.9 * Float(0.34))
    #expect(threshold.printedScore(0.34) == 10_000)
}

@Test("a confirmed part raises a provisional limit to its score, and 20 of them set it alone")
func confirmed() throws {
    func limit(_ scores: [Float]) throws -> Float {
        let parts = scores.enumerated().map { GoodParts.Part(score: $1, timeMilliseconds: Int64($0)) }
        let good = GoodParts(parts: parts, leaveOneOutScores: [0.5, 0.4])
        return try #require(good.threshold(for: FalseRejectClaim())).limit
    }
    #expect(try limit([0.2]) == 0.5)
    #expect(try limit([0.2, 0.7]) == 0.7)
    #expect(try limit(Array(repeating: 0.2, count: 19)) == 0.5)
    #expect(try limit(Array(repeating: 0.2, count: 19) + [0.3]) == 0.3)
}

@Test("enough parts of fewer than three intervals stay provisional")
func intervals() throws {
    let parts = (0..<1_000).map { GoodParts.Part(score: Float($0), timeMilliseconds: Int64($0) * 1_000) }
    let one = GoodParts(parts: parts)
    #expect(one.intervalCount == 1)
    #expect(try #require(one.threshold(for: FalseRejectClaim())).level == .provisional)
    let spread = GoodParts(
        parts: parts.enumerated().map { index, part in
            .init(score: part.score, timeMilliseconds: Int64(index / 400) * 1_800_000 + Int64(index))
        })
    #expect(spread.intervalCount == 3)
    let threshold = try #require(spread.threshold(for: FalseRejectClaim()))
    #expect(threshold.level == .calibrated)
    // 947 parts permit one reject, 1258 two.
    #expect(threshold.limit == 998)
    #expect(threshold.rejectCount == 1)
}

@Test("the drift test keeps its level for equal samples and finds a shift")
func drift() {
    var generator = SplitMix64(seed: 3)
    func sample(_ count: Int, shift: Float = 0) -> [Float] {
        (0..<count).map { _ in Float.random(in: 0..<1, using: &generator) + shift }
    }
    let alarms = (0..<400).count { _ in DriftTest.probability(sample(200), against: sample(300)) < 0.05 }
    #expect(alarms <= 32, "5 % of 400 are 20")
    #expect(DriftTest.probability(sample(500, shift: 0.3), against: sample(600)) < 1e-6)
    #expect(DriftTest.probability([], against: [1]) == 1)
}
