internal import Evaluation

/// FINE-R with a frozen trunk: defective images sorted by kind, fitted without labels on the images themselves.
package struct DefectClustering {
    private let views: [[Float]]
    private let width: Int
    private let count: Int
    private let workers: Workers
    package var head = ResidualHead.Settings()

    /// - Precondition: `features` holds at least one image.
    package init(_ features: DefectFeatures, components: Int = 64, taps: [Int]? = nil, workers: Workers) {
        precondition(features.count > 0, "no images")
        (views, width) = features.components(components, taps: taps)
        (count, self.workers) = (features.count, workers)
    }

    /// The images in `clusters` clusters, by embeddings of a head that is trained for them with `seed`.
    ///
    /// Blocks for seconds. Throws `TrainingError.notFinite`. There are fewer clusters if fewer images differ.
    package func sorted(into clusters: Int, seed: Int) throws -> (clusters: [Int], embeddings: UnitRows) {
        guard clusters > 1, count > 1 else {
            return ([Int](repeating: 0, count: count), UnitRows(mean, width: width))
        }
        let trained = try ResidualHead(
            views: views, width: width, clusters: clusters, seed: seed, settings: head, workers: workers)
        let rows = UnitRows(trained.embeddings(of: views), width: width)
        return (SphericalKMeans(rows, count: clusters, seed: seed).clusters, rows)
    }

    /// The mandatory baseline: the same pooled features without a head, k-means.
    package func frozen(into clusters: Int, seed: Int) -> [Int] {
        KMeans(points(mean), count: clusters, seed: seed).clusters
    }

    /// The first view alone, as the pass that inspects has it, without a head.
    package func singlePass(into clusters: Int, seed: Int) -> [Int] {
        SphericalKMeans(UnitRows(views[0], width: width), count: clusters, seed: seed).clusters
    }

    /// How many kinds there are, by the rule that the product has: on the features as they are.
    package func estimate(trying range: ClosedRange<Int> = 2...12, seed: Int = 0) -> ClusterCount {
        ClusterCount(UnitRows(mean, width: width), trying: range, seed: seed)
    }

    /// The mean of each image's views.
    private var mean: [Float] {
        var sum = [Float](repeating: 0, count: count * width)
        for view in views { for index in sum.indices { sum[index] += view[index] / Float(views.count) } }
        return sum
    }

    private func points(_ values: [Float]) -> [[Double]] {
        (0..<count).map { row in (0..<width).map { Double(values[row * width + $0]) } }
    }
}
