/// The pixels of each image counted in classes of score, so that images can be drawn anew a thousand times.
struct PixelClasses {
    private let good: [Image]
    private let defective: [Image]

    private struct Image {
        /// In the order of the classes, highest scores first.
        var negatives = [Double](repeating: 0, count: Totals.classCount)
        var positives = [Double](repeating: 0, count: Totals.classCount)
        var weights = [Double](repeating: 0, count: Totals.classCount)
        var regionCount = 0.0
    }

    /// nil without good or without defective pixels.
    init?(_ scores: PixelScores) {
        guard !scores.negatives.isEmpty, !scores.positives.isEmpty else { return nil }
        let limits = Self.limits(scores)
        var good: [Image] = [], defective: [Image] = []
        var negativeStart = 0, positiveStart = 0
        for image in scores.images {
            var counted = Image()
            for score in scores.negatives[negativeStart..<image.negativeEnd] {
                counted.negatives[Self.place(of: score, in: limits)] += 1
            }
            for (score, weight) in scores.positives[positiveStart..<image.positiveEnd] {
                let place = Self.place(of: score, in: limits)
                counted.positives[place] += 1
                counted.weights[place] += weight
            }
            counted.regionCount = Double(image.regionCount)
            (negativeStart, positiveStart) = (image.negativeEnd, image.positiveEnd)
            if image.regionCount == 0 { good.append(counted) } else { defective.append(counted) }
        }
        (self.good, self.defective) = (good, defective)
    }

    /// The lowest score of each class but the last, highest first: half of them divide the defective pixels
    /// evenly, half the good ones.
    private static func limits(_ scores: PixelScores) -> [Float] {
        func quantiles(_ values: [Float]) -> [Float] {
            let step = max(1, values.count / 20_000)
            let sample = stride(from: 0, to: values.count, by: step).map { values[$0] }.sorted()
            return (1..<Totals.classCount / 2).map { sample[$0 * sample.count / (Totals.classCount / 2)] }
        }
        let all = quantiles(scores.negatives) + quantiles(scores.positives.map(\.score))
        return all.sorted(by: >)
    }

    private static func place(of score: Float, in limits: [Float]) -> Int {
        var low = 0, high = limits.count
        while low < high {
            let middle = (low + high) / 2
            if limits[middle] > score { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The sums over as many good and defective images, drawn with replacement.
    func redrawn(_ random: inout BootstrapRandom) -> Totals {
        var totals = Totals()
        for images in [good, defective] {
            for _ in images.indices {
                let image = images[random.index(below: images.count)]
                for place in 0..<Totals.classCount {
                    totals.negatives[place] += image.negatives[place]
                    totals.positives[place] += image.positives[place]
                    totals.weights[place] += image.weights[place]
                }
                totals.regionCount += image.regionCount
            }
        }
        return totals
    }

    /// Pixels of several images in classes of score, highest first.
    struct Totals {
        static let classCount = 512
        var negatives = [Double](repeating: 0, count: classCount)
        var positives = [Double](repeating: 0, count: classCount)
        var weights = [Double](repeating: 0, count: classCount)
        var regionCount = 0.0

        /// AUROC, AP, highest F1 and AUPRO up to `limit`, as if all scores of a class were equal.
        func figures(limit: Double) -> [Double?] {
            let negativeCount = negatives.reduce(0, +), positiveCount = positives.reduce(0, +)
            guard negativeCount > 0, positiveCount > 0 else { return [nil, nil, nil, nil] }
            var falsePositives = 0.0, truePositives = 0.0, weight = 0.0
            var area = 0.0, precisionSum = 0.0, bestF1 = 0.0
            var curve = LimitedArea(limit: limit)
            for place in 0..<Self.classCount where negatives[place] + positives[place] > 0 {
                area += negatives[place] * (truePositives + positives[place] / 2)
                falsePositives += negatives[place]
                truePositives += positives[place]
                weight += weights[place]
                precisionSum += positives[place] * truePositives / (truePositives + falsePositives)
                bestF1 = max(bestF1, 2 * truePositives / (truePositives + falsePositives + positiveCount))
                curve.add(falsePositives / negativeCount, weight / regionCount)
            }
            return [
                area / (negativeCount * positiveCount), precisionSum / positiveCount, bestF1, curve.value,
            ]
        }
    }
}
