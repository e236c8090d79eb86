/// What a threshold that was fixed beforehand decides: an item is called defective if its score is above it.
public struct Decisions: Hashable, Sendable {
    /// Good items called defective.
    public let falseAlarmCount: Int
    /// Defective items called good.
    public let missCount: Int
    /// All good and all defective items.
    public let goodCount: Int
    public let defectiveCount: Int

    /// The share of the good items that are called defective; nil without good items.
    public var falseAlarmRate: Double? {
        goodCount > 0 ? Double(falseAlarmCount) / Double(goodCount) : nil
    }

    /// The share of the defective items that are called good; nil without defective items.
    public var missRate: Double? {
        defectiveCount > 0 ? Double(missCount) / Double(defectiveCount) : nil
    }

    /// The harmonic mean of precision and recall; nil where the items have one kind only.
    public var f1: Double? {
        guard goodCount > 0, defectiveCount > 0 else { return nil }
        let found = defectiveCount - missCount
        return 2 * Double(found) / Double(found + falseAlarmCount + defectiveCount)
    }
}

extension RankedScores {
    /// What the limit `threshold` decides: at or below it is good (OPERATIONS.md 8).
    public func decisions(above threshold: Float) -> Decisions {
        var passed = (truePositives: 0, falsePositives: 0)
        forEachThreshold { at in
            guard at.score > threshold else { return false }
            passed = (at.truePositives, at.falsePositives)
            return true
        }
        return Decisions(
            falseAlarmCount: passed.falsePositives, missCount: positiveCount - passed.truePositives,
            goodCount: negativeCount, defectiveCount: positiveCount)
    }

    /// Points of the ROC curve from (0, 0) to (1, 1): false alarms and recall, at most about `count`.
    public func operatingCurve(count: Int) -> [(x: Double, y: Double)] {
        guard negativeCount > 0, positiveCount > 0 else { return [] }
        return thinned(count) { at in
            (
                Double(at.falsePositives) / Double(negativeCount),
                Double(at.truePositives) / Double(positiveCount)
            )
        }
    }

    /// Points of the curve of precision over recall, at most about `count`.
    public func precisionCurve(count: Int) -> [(x: Double, y: Double)] {
        guard negativeCount > 0, positiveCount > 0 else { return [] }
        let points = thinned(count) { at in
            (
                Double(at.truePositives) / Double(positiveCount),
                Double(at.truePositives) / Double(at.truePositives + at.falsePositives)
            )
        }
        return Array(points.dropFirst())
    }

    /// Points of the curve of covered regions over false pixels, at most about `count`.
    public func overlapCurve(count: Int) -> [(x: Double, y: Double)] {
        guard negativeCount > 0, positiveCount > 0 else { return [] }
        return thinned(count) { at in (Double(at.falsePositives) / Double(negativeCount), at.weight) }
    }

    /// (0, 0), then points that are at least 1 / `count` apart in either direction, and the last.
    private func thinned(_ count: Int, _ point: (Threshold) -> (Double, Double)) -> [(x: Double, y: Double)] {
        var points: [(x: Double, y: Double)] = [(0, 0)]
        let step = 2 / Double(count)
        var last: (x: Double, y: Double)?
        forEachThreshold { at in
            let (x, y) = point(at), kept = points[points.count - 1]
            last = (x, y)
            if abs(x - kept.x) + abs(y - kept.y) >= step {
                points.append((x, y))
                last = nil
            }
            return true
        }
        return points + (last.map { [$0] } ?? [])
    }
}
