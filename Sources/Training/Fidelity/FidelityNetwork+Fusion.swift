internal import AnomalyModels

/// Hybrid semantic fusion and the score of the whole image.
extension FidelityNetwork {
    /// The probability that the image shows a bad part, `[1]`.
    package func score(_ features: Features, _ tape: Tape<Float>) -> Tensor<Float> {
        let image = fused(features, tape)
        observe("fused", image, tape)
        let logits = halved(tape.product(image, features.text, isRightTransposed: true, alpha: 100), tape)
        let probabilities = halved(tape.softmax(logits), tape)
        return tape.reshape(tape.slice(probabilities, axis: 1, 1..<2), [1])
    }

    /// What stands for the image: the class token, or that and the patches that look bad. `[1, embedding]`.
    private func fused(_ features: Features, _ tape: Tape<Float>) -> Tensor<Float> {
        switch settings.fusion {
        case .off: return features.image
        case .code:
            let semantic = codeFusion(features, tape)
            observe("semantic", semantic, tape)
            return tape.normalise(
                tape.add(tape.scale(semantic, by: 0.2), tape.scale(features.image, by: 0.8)))
        case .paper:
            let semantic = paperFusion(features, tape)
            observe("semantic", semantic, tape)
            return semantic
        }
    }

    /// The probability of bad of each patch, from the mean logits.
    private func anomalies(_ features: Features, _ tape: Tape<Float>) -> [Float] {
        let probabilities = halved(tape.softmax(tape.detached(meanLogits(features, tape))), tape)
        observe("anomalies", probabilities, tape)
        let cells = tape.cells(probabilities)
        return (0..<probabilities.rows).map { cells[2 * $0 + 1] }
    }

    /// As coded: of the 5 K patches that look worst, the mean of the means of K clusters.
    private func codeFusion(_ features: Features, _ tape: Tape<Float>) -> Tensor<Float> {
        let anomalies = anomalies(features, tape)
        let order = anomalies.indices.sorted {
            anomalies[$0] != anomalies[$1] ? anomalies[$0] > anomalies[$1] : $0 < $1
        }
        let chosen = Array(order.prefix(5 * settings.clusterCount))
        let (labels, count) = clusters(of: chosen, features, tape)
        let centres = centres(of: chosen, labels, count, features, tape)
        return tape.normalise(tape.mean(tape.reshape(centres, [1, count, centres.width]), axis: 1))
    }

    /// As published: of K clusters of all patches, the mean of the one that looks worst on average.
    private func paperFusion(_ features: Features, _ tape: Tape<Float>) -> Tensor<Float> {
        let anomalies = anomalies(features, tape)
        let all = Array(anomalies.indices)
        let (labels, count) = clusters(of: all, features, tape)
        var sums = [(sum: Double, count: Int)](repeating: (0, 0), count: count)
        for (patch, label) in labels.enumerated() {
            sums[label].sum += Double(anomalies[patch])
            sums[label].count += 1
        }
        let means = sums.map { $0.sum / Double($0.count) }
        let worst = means.indices.max { means[$0] < means[$1] || means[$0] == means[$1] && $0 > $1 } ?? 0
        return tape.normalise(tape.gather(centres(of: all, labels, count, features, tape), rows: [worst]))
    }

    /// Clusters of `patches` by their vectors of all taps side by side; none is empty.
    private func clusters(
        of patches: [Int], _ features: Features, _ tape: Tape<Float>
    ) -> (labels: [Int], count: Int) {
        let taps = features.patches.map { tape.cells($0) }
        let width = taps.count * tower.network.embeddingWidth
        var points: [Float] = []
        points.reserveCapacity(patches.count * width)
        for patch in patches {
            for tap in taps {
                let row = tower.network.embeddingWidth
                points += tap.part(patch * row, row).array
            }
        }
        return LloydClusters.labels(
            of: points, width: width, count: settings.clusterCount, seed: settings.seed)
    }

    /// The mean over all taps of the members of each cluster, `[count, embedding]`.
    private func centres(
        of patches: [Int], _ labels: [Int], _ count: Int, _ features: Features, _ tape: Tape<Float>
    ) -> Tensor<Float> {
        let rows = tape.concatenate(features.patches.map { tape.gather($0, rows: patches) }, axis: 0)
        let repeated = features.patches.flatMap { _ in labels }
        return tape.clusterMeans(rows, labels: repeated, clusters: count)
    }
}
