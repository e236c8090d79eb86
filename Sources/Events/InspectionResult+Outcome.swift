extension InspectionResult {
    /// The result that the log keeps, from what the hot path knew. Allocates; for the publisher's thread.
    package init(_ outcome: Outcome) {
        self.init(
            job: outcome.job, camera: outcome.camera, verdict: outcome.verdict, reason: outcome.reason)
        partNumber = outcome.partNumber
        part = Self.text(outcome)
        flags = outcome.flags
        score = outcome.score
        cluster = outcome.cluster
        box = outcome.box
        // An INVALID frame has no score: nothing looked at it.
        rawScore = outcome.verdict == .invalid || !outcome.rawScore.isFinite ? nil : outcome.rawScore
        rawThreshold = outcome.rawThreshold.isFinite && outcome.rawThreshold != 0 ? outcome.rawThreshold : nil
        encoder = outcome.encoder
        lines = outcome.lines
        validLines = outcome.validLines
        millimetres = outcome.millimetres.isFinite ? outcome.millimetres : nil
        pixelsPerMillimetre = outcome.pixelsPerMillimetre > 0 ? outcome.pixelsPerMillimetre : nil
        driverSequence = outcome.driverSequence
        exposureMicroseconds = outcome.exposureMicroseconds
        latencyMicroseconds = outcome.latencyMicroseconds
        timeMilliseconds = outcome.timeMilliseconds
        monotonicNanoseconds = outcome.monotonicNanoseconds
        recipe = outcome.recipe
        model = outcome.model
        calibration = outcome.calibration
        stageMicroseconds = outcome.stageMicroseconds.indices.map { outcome.stageMicroseconds[$0] }
        let findingCount = min(Int(outcome.findingCount), Outcome.findingCapacity)
        findings = (0..<findingCount).map { index in
            var finding = outcome.findings[index]
            let place = Int(finding.description)
            if 1...Outcome.descriptionCapacity ~= place {
                let known = outcome.descriptions[place - 1]
                embeddings.append(
                    DefectEmbedding(
                        finding: UInt8(index), inspection: known.inspection,
                        codes: known.codes.indices.map { known.codes[$0] }))
            }
            finding.description = 0
            return finding
        }
        let regionCount = min(Int(outcome.regionCount), Outcome.regionCapacity)
        regions = (0..<regionCount).map { outcome.regions[$0] }
    }

    private static func text(_ outcome: Outcome) -> String {
        let length = min(Int(outcome.partLength), Outcome.partCapacity)
        return String(decoding: (0..<length).map { outcome.part[$0] }, as: UTF8.self)
    }
}
