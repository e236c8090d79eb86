package import AnomalyModels
package import Configuration
package import EventStorage
package import Inspection
package import ModelPackages
import Platform

/// One inspection of the settings with what it judges by: the taught product, the good parts, the threshold.
package struct ActiveInspection: Sendable {
    package let settings: InspectionSettings
    /// What it was taught, and with which trunk; nil: untaught.
    package var product: Product?
    /// What judges as long as nothing was taught; nil: nothing.
    package var zeroShot: ZeroShot?
    /// The good parts and what was made of them; nil at level none.
    package var calibration: StoredCalibration?
    /// What an operator set; wins over the settings.
    package var chosen: ProductShelf.Chosen?
    /// Its words are being read; until then nothing judges it.
    package var hasUnreadWords = false
    /// Scores have drifted and are held until `reset`.
    package var isHeld = false
    /// Why the product that should be there cannot be used, in words; nil if it can.
    package var failure: String?

    package struct Product: Sendable {
        package let taught: TaughtProduct
        package let package: ModelPackage
        package let trunk: ModelPackage

        /// 64 hexadecimal digits.
        package var digest: String { package.digest.description }
        /// The first 48 bits, as results carry them.
        package var model: UInt64 { UInt64(digest.prefix(12), radix: 16) ?? 0 }
    }

    /// A zero-shot head and the words of the class.
    package struct ZeroShot: Sendable {
        package let head: ClassHead
        package let words: ClassWords
        package let columns: ClassColumns
        package let package: ModelPackage
        package let trunk: ModelPackage

        /// 64 hexadecimal digits: of the package and the words together, for other words give other scores.
        package var digest: String {
            PackageDigest(of: Array("\(package.digest) \(words)".utf8)).description
        }
        package var model: UInt64 { UInt64(digest.prefix(12), radix: 16) ?? 0 }
    }

    package init(_ settings: InspectionSettings) { self.settings = settings }

    /// The digest of what judges; empty: nothing does.
    package var digest: String { product?.digest ?? zeroShot?.digest ?? "" }
    /// Its first 48 bits, as results carry them; 0: nothing judges.
    package var model: UInt64 { product?.model ?? zeroShot?.model ?? 0 }

    /// `known` under other settings.
    init(_ settings: InspectionSettings, as known: ActiveInspection) {
        self.settings = settings
        (product, calibration, chosen) = (known.product, known.calibration, known.chosen)
        (zeroShot, hasUnreadWords) = (known.zeroShot, known.hasUnreadWords)
        (isHeld, failure) = (known.isHeld, known.failure)
    }

    /// The rate that is asked for.
    package var claim: FalseRejectClaim {
        var ppm = settings.threshold.falseRejectPPM
        if case .ppm(let chosen)? = chosen { ppm = chosen }
        return FalseRejectClaim(rate: Double(ppm) / 1e6, confidence: settings.threshold.confidence)
    }

    /// The limit that somebody fixed: by command, or in the settings.
    package var fixedLimit: Float? {
        switch chosen {
        case .raw(let raw): raw
        case .ppm: nil
        case nil: settings.threshold.mode == .fixed ? settings.threshold.raw.map(Float.init) : nil
        }
    }

    /// The good parts that are known.
    package var goodParts: GoodParts { calibration.map(GoodParts.init) ?? GoodParts(parts: []) }

    /// The threshold that follows from all of this; nil at level none.
    package var threshold: Threshold? {
        guard product != nil || zeroShot != nil else { return nil }
        if product == nil, calibration == nil, fixedLimit == nil, let head = zeroShot?.head {
            return Threshold(untaughtMedian: head.median, limit: head.limit)
        }
        if let fixedLimit { return goodParts.threshold(fixedAt: fixedLimit) }
        return goodParts.threshold(for: claim)
    }

    /// What the worker judges by.
    package var rule: InspectionRule {
        let debounce = settings.debounce
        var rule = InspectionRule(
            threshold: threshold, band: Float(settings.threshold.unsureBand),
            debounce: settings.mode == .web
                ? Debounce(needed: debounce.n, window: debounce.of, release: Float(debounce.release)) : nil,
            calibration: calibration?.id ?? 0)
        rule.isHeld = isHeld
        return rule
    }

    /// A calibration of `parts` and `scores` as the log keeps it, judged by the present claim. Without `model`, the
    /// digest of what they were scored with, it is that of what judges now. nil where there is none, or no limit.
    package func calibration(
        parts: [StoredCalibration.Part], leaveOneOutScores: [Float], of model: String? = nil
    ) -> StoredCalibration? {
        let model = model ?? digest
        guard !model.isEmpty else { return nil }
        let good = GoodParts(
            parts: parts.map {
                GoodParts.Part(
                    score: $0.score, timeMilliseconds: $0.timeMilliseconds, isReference: $0.isReference)
            }, leaveOneOutScores: leaveOneOutScores)
        let limit = fixedLimit.map { good.threshold(fixedAt: $0) } ?? good.threshold(for: claim)
        guard let limit else { return nil }
        var stored = StoredCalibration(
            inspect: settings.name, model: model, level: limit.level.rawValue,
            threshold: limit.limit, median: limit.median, timeMilliseconds: WallClock.now)
        if limit.level == .calibrated {
            stored.ppm = Int((claim.rate * 1e6).rounded())
            let bound = Binomial.upperBound(
                failures: limit.rejectCount, of: limit.partCount, confidence: claim.confidence)
            stored.boundPPM = Int((bound * 1e6).rounded(.up))
        }
        (stored.parts, stored.leaveOneOutScores) = (parts, leaveOneOutScores)
        return stored
    }
}

extension GoodParts {
    /// The good parts of a calibration in the log.
    init(_ calibration: StoredCalibration) {
        self.init(
            parts: calibration.parts.map {
                Part(score: $0.score, timeMilliseconds: $0.timeMilliseconds, isReference: $0.isReference)
            }, leaveOneOutScores: calibration.leaveOneOutScores)
    }
}
