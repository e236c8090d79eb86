import Events

/// What the scripted station says of parts.
enum Script {
    /// The result of part `part`: everything in it follows from the number.
    static func result(part: UInt32, job: UInt32) -> InspectionResult {
        let reasons: [Reason] = [.none, .anomaly, .inBand, .imageQuality]
        let reason = reasons[Int(part % 4)]
        var result = InspectionResult(job: job, camera: 1, verdict: reason.verdict, reason: reason)
        result.partNumber = part
        result.score = reason == .imageQuality ? 0 : reason == .none ? part % 10_000 : 10_001 + part % 10_000
        if reason == .anomaly { result.box = Box(x: UInt16(part % 1_000), y: 88, width: 40, height: 22) }
        result.recipe = 1
        return result
    }

    /// The same as the hot path would hand it over.
    static func outcome(part: UInt32, job: UInt32, time: Int64) -> Outcome {
        let result = result(part: part, job: job)
        var outcome = Outcome()
        outcome.job = job
        outcome.partNumber = part
        outcome.camera = 1
        outcome.verdict = result.verdict
        outcome.reason = result.reason
        outcome.score = result.score
        outcome.box = result.box
        outcome.recipe = 1
        outcome.timeMilliseconds = time
        return outcome
    }
}
