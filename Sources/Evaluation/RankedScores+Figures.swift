// Figures over all thresholds (METHODS.md 8.1). Each is nil where the items have one kind only.

extension RankedScores {
    /// The area under the ROC curve: the chance that a defective item scores above a good one, ties counting
    /// one half (Mann and Whitney 1947).
    public var auroc: Double? {
        guard negativeCount > 0, positiveCount > 0 else { return nil }
        var area = 0.0, last = (truePositives: 0, falsePositives: 0)
        forEachThreshold { at in
            area +=
                Double(at.falsePositives - last.falsePositives)
                * Double(at.truePositives + last.truePositives) / 2
            last = (at.truePositives, at.falsePositives)
            return true
        }
        return area / (Double(negativeCount) * Double(positiveCount))
    }

    /// The average precision: precision at each distinct threshold times the recall that it adds, without
    /// interpolation.
    public var averagePrecision: Double? {
        guard negativeCount > 0, positiveCount > 0 else { return nil }
        var sum = 0.0, found = 0
        forEachThreshold { at in
            let precision = Double(at.truePositives) / Double(at.truePositives + at.falsePositives)
            sum += Double(at.truePositives - found) * precision
            found = at.truePositives
            return found < positiveCount
        }
        return sum / Double(positiveCount)
    }

    /// The highest F1 of any threshold, and the highest threshold that reaches it. An oracle: the threshold is
    /// chosen with the labels at hand.
    public var maximumF1: (value: Double, threshold: Float)? {
        guard negativeCount > 0, positiveCount > 0 else { return nil }
        var best: (value: Double, threshold: Float) = (0, .infinity)
        forEachThreshold { at in
            let value = f1(at)
            if value > best.value { best = (value, at.score) }
            return true
        }
        return best
    }

    /// The F1 of calling every item defective whose score is at least `threshold`.
    public func f1(at threshold: Float) -> Double? {
        guard negativeCount > 0, positiveCount > 0 else { return nil }
        var value = 0.0
        forEachThreshold { at in
            guard at.score >= threshold else { return false }
            value = f1(at)
            return true
        }
        return value
    }

    private func f1(_ at: Threshold) -> Double {
        2 * Double(at.truePositives) / Double(at.truePositives + at.falsePositives + positiveCount)
    }
}

extension RankedScores {
    /// The area under the curve of covered regions over false pixels up to a share of `limit`, divided by
    /// `limit` (Bergmann et al. 2021, section 5).
    ///
    /// A curve of straight lines through (0, 0) and one point for each distinct threshold, or for each of
    /// `steps` thresholds at equal distances from the highest to the lowest score, as many public codes have
    /// it. The ordinate is the sum of the weights found: with 1 / (pixels of the region * regions) as the
    /// weight of a pixel, the mean share of a region that is covered.
    /// - Precondition: `limit` is in (0, 1]; `steps` is nil or at least 2.
    public func overlapArea(limit: Double, steps: Int? = nil) -> Double? {
        precondition(limit > 0 && limit <= 1 && steps ?? 2 >= 2, "limit \(limit), \(steps ?? 0) steps")
        guard negativeCount > 0, positiveCount > 0, let range else { return nil }
        var curve = LimitedArea(limit: limit)
        guard let steps else {
            forEachThreshold { curve.add(share($0), $0.weight) }
            return curve.value
        }
        // The state before a threshold is passed is what the thresholds down to it find.
        var step = 0
        var last = Threshold(score: .infinity, truePositives: 0, falsePositives: 0, weight: 0)
        func level(_ step: Int) -> Float {
            step == steps - 1
                ? range.low : range.high - (range.high - range.low) * Float(step) / Float(steps - 1)
        }
        forEachThreshold { at in
            while step < steps, at.score < level(step) {
                guard curve.add(share(last), last.weight) else { return false }
                step += 1
            }
            last = at
            return true
        }
        if step < steps { curve.add(share(last), last.weight) }
        return curve.value
    }

    private func share(_ at: Threshold) -> Double { Double(at.falsePositives) / Double(negativeCount) }
}

/// A trapezoid sum over a rising abscissa that ends at a limit.
struct LimitedArea {
    let limit: Double
    private var area = 0.0
    private var last = (x: 0.0, y: 0.0)

    init(limit: Double) { self.limit = limit }

    /// Adds the line to (x, y), cut at the limit; returns whether the limit is still ahead.
    @discardableResult
    mutating func add(_ x: Double, _ y: Double) -> Bool {
        guard last.x < limit else { return false }
        let end = min(x, limit)
        let height = x > last.x ? last.y + (y - last.y) * (end - last.x) / (x - last.x) : y
        area += (end - last.x) * (last.y + height) / 2
        last = (end, height)
        return end < limit
    }

    /// The area so far over the limit.
    var value: Double { area / limit }
}
