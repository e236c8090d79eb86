/// Good parts that are being collected for an inspection.
struct TeachSet: Sendable {
    let inspect: String
    /// References become the bank; calibration parts only their scores.
    let isReference: Bool
    let folder: String
    var count = 0
    var isFrozen = false
    /// The raw scores of the parts, and when they were seen; of calibration sets only.
    var scores: [(score: Float, timeMilliseconds: Int64)] = []
}
