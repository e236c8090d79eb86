package import AnomalyModels
internal import Events
package import ModelPackages

/// What is looked for in the frames of a camera, and with what.
package struct InspectionPlan: Sendable {
    /// Its position in the recipe.
    package var index: UInt8
    package var name: String
    package var regions: [TaughtRegion]
    /// What was taught: a bank per region, in their order, and the trunk that made them. Nil: untaught.
    package var taught: Taught?
    /// What judges as long as nothing was taught: a head and the words of the class. Nil: nothing.
    package var zeroShot: ZeroShot?
    /// What describes its findings, so that kinds of defects can be told apart. Nil: they are not.
    package var kinds: Kinds?
    /// What was taught cannot be used: this inspection is INVALID, and the others of the frame are judged.
    package var isBroken = false

    package struct Taught: Sendable {
        package var banks: [PatchBank]
        package var trunk: ModelPackage
        /// The first 48 bits of the SHA-256 of the taught package.
        package var model: UInt64

        package init(banks: [PatchBank], trunk: ModelPackage, model: UInt64) {
            (self.banks, self.trunk, self.model) = (banks, trunk, model)
        }
    }

    package struct ZeroShot: Sendable {
        package var head: ClassHead
        package var columns: ClassColumns
        package var trunk: ModelPackage
        /// The first 48 bits of the SHA-256 of the head's package and the words.
        package var model: UInt64

        package init(head: ClassHead, columns: ClassColumns, trunk: ModelPackage, model: UInt64) {
            (self.head, self.columns, self.trunk, self.model) = (head, columns, trunk, model)
        }
    }

    package struct Kinds: Sendable {
        package var head: EmbeddingHead
        /// What the head's closer look is taken with.
        package var trunk: ModelPackage
        /// The number of the inspection, which descriptions carry.
        package var inspection: UInt32

        package init(head: EmbeddingHead, trunk: ModelPackage, inspection: UInt32) {
            (self.head, self.trunk, self.inspection) = (head, trunk, inspection)
        }
    }

    /// The model that results name; 0: none.
    package var model: UInt64 { taught?.model ?? zeroShot?.model ?? 0 }

    package init(index: UInt8, name: String, regions: [TaughtRegion], taught: Taught?) {
        (self.index, self.name, self.regions, self.taught) = (index, name, regions, taught)
    }
}

/// How the scores of one inspection become verdicts: what can change without another network.
package struct InspectionRule: Hashable, Sendable {
    /// Nil: level none, nothing is ever OK.
    package var threshold: Threshold?
    /// The UNSURE band, 0...1 of the distance from the median to the threshold.
    package var band: Float
    /// Only for endless material.
    package var debounce: Debounce?
    /// The calibration in the log that the threshold came from; 0: none.
    package var calibration: Int32
    /// Scores have drifted and `[drift] action = "hold"`: what would be OK is UNSURE.
    package var isHeld = false

    package init(threshold: Threshold?, band: Float, debounce: Debounce? = nil, calibration: Int32 = 0) {
        (self.threshold, self.band, self.debounce) = (threshold, band, debounce)
        self.calibration = calibration
    }

    /// The verdict on the score of one part or strip. Allocation-free.
    func judge(_ raw: Float) -> Judgement {
        guard let threshold else { return Judgement(.uncalibrated) }
        let judgement = threshold.judge(raw, band: band)
        guard isHeld, judgement.verdict == .ok else { return judgement }
        return Judgement(.driftHold, score: judgement.score)
    }
}
