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

    /// Images sorted into clusters.
    package struct Sorted {
        package let clusters: [Int]
        package let embeddings: UnitRows
        /// The head's clusters were taken: they lay apart at least as well as those without it, by the silhouette.
        package let usesHead: Bool
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

    /// The images in `clusters` clusters, by embeddings of a head that is trained for them with `seed`, or as
    /// `frozen` has them where the head makes clusters lie less apart.
    ///
    /// Blocks for seconds. Throws `TrainingError.notFinite`. There are fewer clusters if fewer images differ.
    package func sorted(into clusters: Int, seed: Int) throws -> Sorted {
        let plain = UnitRows(mean, width: width)
        guard clusters > 1, count > 1 else {
            return Sorted(
                clusters: [Int](repeating: 0, count: count), embeddings: plain, usesHead: false)
        }
        let trained = try ResidualHead(
            views: views, width: width, clusters: clusters, seed: seed, settings: head, workers: workers)
        let rows = UnitRows(trained.embeddings(of: views), width: width)
        let with = SphericalKMeans(rows, count: clusters, seed: seed).clusters
        let without = frozen(into: clusters, seed: seed)
        let usesHead =
            !isGated
            || ClusterCount.silhouette(rows, with, clusters)
                >= ClusterCount.silhouette(plain, without, clusters)
        return Sorted(
            clusters: usesHead ? with : without, embeddings: usesHead ? rows : plain,
            usesHead: usesHead)
    }

    /// The mandatory baseline: the same pooled features without a head, k-means.
    package func frozen(into clusters: Int, seed: Int) -> [Int] {
        KMeans(points(mean), count: clusters, seed: seed).clusters
    }

    /// The first view alone, as the pass that inspects has it, without a head.
    package func singlePass(into clusters: Int, seed: Int) -> [Int] {
        SphericalKMeans(UnitRows(views[0], width: width), count: clusters, seed: seed).clusters
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
