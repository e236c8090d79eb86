// K-MEANS
//
// Rows begin with k-means++ (Arthur and Vassilvitskii, 2007): each next centre is a row drawn in proportion to its
// squared distance to those before. Then rounds of Lloyd (1982): rows to their nearest centre, by one matrix product,
// and centres to the means of their rows, in double precision and in the order of the rows. A centre that lost all its
// rows stays where it is. Spherical k-means (Dhillon and Modha, 2001) has rows and centres of length 1.
//
// Distances come out of OpenBLAS: equal on one machine, near each other elsewhere, like all of training.

/// Clusters of rows by k-means.
public struct KMeansFit<Scalar: TrainingScalar>: Sendable {
    /// What is near.
    public enum Geometry: Sendable, Hashable {
        /// The distance of rows.
        case euclidean
        /// The angle between rows; their lengths do not matter.
        case spherical
    }

    /// How clusters are sought.
    public struct Settings: Sendable, Hashable {
        public var clusters: Int
        public var geometry = Geometry.euclidean
        /// The most rounds.
        public var rounds = 300
        /// Ends when all centres together moved by less than this share of the rows' mean variance, squared.
        public var tolerance = 1e-4
        public var seed: UInt64

        public init(clusters: Int, seed: UInt64) { (self.clusters, self.seed) = (clusters, seed) }
    }

    /// The cluster of each row.
    public let labels: [Int]
    /// `[clusters, width]`; unit vectors in the spherical geometry.
    public let centres: [Scalar]
    /// The sum of the squared distances of the rows to their centres (of unit vectors, in the spherical geometry).
    public let inertia: Double
    /// The rounds that were run.
    public let rounds: Int

    /// Begins with k-means++ by the seed. There are fewer clusters than asked for if there are fewer different rows: then
    /// some centres are equal, and the lowest of them has the rows.
    ///
    /// - Precondition: `values` are finite, whole rows of `width`, at least one; `clusters` is above 0.
    public init(_ values: [Scalar], width: Int, _ settings: Settings, workers: Workers) {
        self.init(KMeansRows(values, width, settings.geometry), from: nil, settings, workers)
    }

    /// Begins with the centres given, `[clusters, width]`.
    public init(
        _ values: [Scalar], width: Int, from centres: [Scalar], _ settings: Settings, workers: Workers
    ) {
        precondition(centres.count == settings.clusters * width, "\(centres.count) numbers of centres")
        self.init(KMeansRows(values, width, settings.geometry), from: centres, settings, workers)
    }

    private init(
        _ rows: KMeansRows<Scalar>, from start: [Scalar]?, _ settings: Settings, _ workers: Workers
    ) {
        precondition(settings.clusters > 0 && settings.rounds > 0, "\(settings)")
        var random = RandomNumbers(seed: settings.seed, stream: "k-means++")
        var centres =
            start.map { KMeansRows($0, rows.width, settings.geometry).values }
            ?? rows.spread(settings.clusters, &random)
        var assignment = rows.nearest(to: centres, workers)
        let limit = settings.tolerance * rows.meanVariance
        var round = 1
        while round < settings.rounds {
            let moved = rows.means(assignment.labels, keeping: centres)
            let shift = zip(moved, centres).reduce(0.0) {
                $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1))
            }
            centres = moved
            let before = assignment.labels
            assignment = rows.nearest(to: centres, workers)
            round += 1
            if shift <= limit || assignment.labels == before { break }
        }
        (labels, inertia) = assignment
        (self.centres, rounds) = (centres, round)
    }
}

extension Tape {
    /// The means of the clusters that k-means finds among the rows of `x`, and the label of each row. Straight through:
    /// the labels count as constant, the gradient of a mean goes to its rows in equal parts.
    ///
    /// - Parameter x: `[..., width]`.
    /// - Returns: `[clusters, width]`; zeros for a cluster without rows. Not brought to length 1.
    @specialized(where Scalar == Float)
    public func kMeans(
        _ x: Tensor<Scalar>, _ settings: KMeansFit<Scalar>.Settings
    ) -> (means: Tensor<Scalar>, labels: [Int]) {
        let fit = KMeansFit(values(x), width: x.width, settings, workers: workers)
        let rows = reshape(x, [x.rows, x.width])
        return (clusterMeans(rows, labels: fit.labels, clusters: settings.clusters), fit.labels)
    }
}
