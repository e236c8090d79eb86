internal import Evaluation

/// FINE-R with a frozen trunk: defective images sorted by kind, fitted without labels on the images themselves.
package struct DefectClustering {
    private let views: [[Float]]
    private let width: Int
    private let count: Int
    private let workers: Workers
    package var head = ResidualHead.Settings()
    /// The head is used only where clusters lie apart at least as well with it.
    package var isGated = true

    /// Images whose mean stands for each, itself among them.
    private static let neighbours = 5
    private static let startCount = 20

    /// Images sorted into clusters.
    package struct Sorted {
        package let clusters: [Int]
        package let embeddings: UnitRows
        /// The head's clusters were taken: they lay apart at least as well as those without it, by the silhouette.
        package let usesHead: Bool

        package init(clusters: [Int], embeddings: UnitRows, usesHead: Bool) {
            (self.clusters, self.embeddings, self.usesHead) = (clusters, embeddings, usesHead)
        }
    }

    /// - Precondition: `features` holds at least one image, with this auxiliary image.
    package init(
        _ features: DefectFeatures, _ auxiliary: DefectFeatures.Auxiliary, components: Int = 64,
        taps: [Int]? = nil, workers: Workers
    ) {
        precondition(features.count > 0, "no images")
        (views, width) = features.components(components, auxiliary, taps: taps)
        (count, self.workers) = (features.count, workers)
    }

    /// The images in `clusters` clusters, by embeddings of a head that is trained for them with `seed`, or of none where
    /// the head makes clusters lie less apart; each as the mean of those nearest to it.
    ///
    /// Blocks for seconds. Throws `TrainingError.notFinite`. There are fewer clusters if fewer images differ.
    package func sorted(into clusters: Int, seed: Int) throws -> Sorted {
        let plain = found(UnitRows(mean, width: width), clusters, seed, usesHead: false)
        guard clusters > 1, count > 1 else { return plain.sorted }
        let trained = try ResidualHead(
            views: views, width: width, clusters: clusters, seed: seed, settings: head, workers: workers)
        let rows = UnitRows(trained.embeddings(of: views), width: width)
        let with = found(rows, clusters, seed, usesHead: true)
        return !isGated || with.silhouette >= plain.silhouette ? with.sorted : plain.sorted
    }

    /// Clusters of embeddings, each the mean of those nearest to it, and how well they lie apart.
    private func found(
        _ embeddings: UnitRows, _ clusters: Int, _ seed: Int, usesHead: Bool
    ) -> (sorted: Sorted, silhouette: Double) {
        let rows = embeddings.neighbourMeans(Self.neighbours)
        let found = SphericalKMeans(rows, count: clusters, seed: seed, starts: Self.startCount).clusters
        return (
            Sorted(clusters: found, embeddings: rows, usesHead: usesHead),
            ClusterCount.silhouette(rows, found, clusters)
        )
    }

    /// The mandatory baseline: the same pooled features without a head, k-means.
    package func frozen(into clusters: Int, seed: Int) -> [Int] {
        KMeans(points(mean), count: clusters, seed: seed).clusters
    }

    /// The first view alone, as the pass that inspects has it, without a head.
    package func singlePass(into clusters: Int, seed: Int) -> [Int] {
        SphericalKMeans(UnitRows(views[0], width: width), count: clusters, seed: seed).clusters
    }

    /// What becomes of each of `count` kinds when it is hidden at first, by the features as they are.
    package func openSets(kinds: [Int], count: Int, similarity: Float = 0.4, seed: Int) -> [OpenSet] {
        let rows = UnitRows(mean, width: width)
        return (0..<count).map {
            OpenSet(rows, kinds: kinds, count: count, hiding: $0, similarity: similarity, seed: seed)
        }
    }

    /// How many kinds there are, on the features as they are.
    package func estimate(upTo most: Int = 10, seed: Int = 0) -> GapElbow {
        GapElbow(mean, width: width, upTo: most, seed: seed)
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
