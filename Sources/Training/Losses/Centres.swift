/// Losses of clustering: centres and what lies around them.
extension Tape {
    /// ½ mean ‖z - centre of its label‖². Give `detached(z)` to move the centres only.
    ///
    /// - Parameters:
    ///   - z: `[n, width]`.
    ///   - centres: `[clusters, width]`.
    public func centrePull(
        _ z: Tensor<Scalar>, centres: Tensor<Scalar>, labels: [Int]
    ) -> Tensor<Scalar> {
        scale(sum(square(subtract(z, gather(centres, rows: labels)))), by: 0.5 / Scalar(z.rows))
    }

    /// log Σ_{k≠l} exp(μ_k·μ_l / temperature): small when the centres point apart.
    ///
    /// - Parameter centres: `[clusters, width]`, at least two, unit rows.
    @specialized(where Scalar == Float)
    public func centreSpread(_ centres: Tensor<Scalar>, temperature: Scalar) -> Tensor<Scalar> {
        let (count, width) = (centres.rows, centres.width)
        precondition(count > 1, "the spread of \(count) centres")
        let loss = push("centreSpread", [], [centres])
        let p = keep(count * count, with: loss)
        let values = Matrix(cells(centres), count, width)
        matrixProduct(values, values.transposed, into: Matrix(p, count, count), alpha: 1 / temperature)
        for index in 0..<count { p[index * count + index] = -.infinity }
        cells(loss)[0] = p.becomeSoftmax()
        onBackward(loss) { tape, dy in
            guard let dc = tape.gradient(of: centres) else { return }
            let (weights, target) = (Matrix(p, count, count), Matrix(dc, count, width))
            // p is symmetric: both factors of each product give the same.
            matrixProduct(weights, values, into: target, alpha: 2 * dy[0] / temperature, beta: 1)
        }
        return loss
    }

    /// log K + Σ_k P_k log P_k, P being the mean of the rows of `p`: 0 where all clusters are used alike, log K where
    /// only one is (Contrastive Clustering, Li et al., 2021).
    ///
    /// - Parameter p: `[n, clusters]`, each row a distribution.
    @specialized(where Scalar == Float)
    public func imbalance(_ p: Tensor<Scalar>) -> Tensor<Scalar> {
        let (rows, clusters) = (p.rows, p.width)
        let loss = push("imbalance", [], [p])
        let pv = cells(p)
        var shares = [Scalar](repeating: 0, count: clusters)
        for index in 0..<pv.count { shares[index % clusters] += pv[index] / Scalar(rows) }
        let logarithms = shares.map { Scalar.logarithm(max($0, .leastNormalMagnitude)) }
        cells(loss)[0] =
            Scalar.logarithm(Scalar(clusters)) + zip(shares, logarithms).reduce(0) { $0 + $1.0 * $1.1 }
        onBackward(loss) { tape, dy in
            guard let dp = tape.gradient(of: p) else { return }
            for index in 0..<dp.count {
                dp[index] += dy[0] * (logarithms[index % clusters] + 1) / Scalar(rows)
            }
        }
        return loss
    }

    /// The mean of (x - y)².
    public func meanSquare(_ x: Tensor<Scalar>, _ y: Tensor<Scalar>) -> Tensor<Scalar> {
        mean(square(subtract(x, y)))
    }

    /// The mean, where `weights` is 1, of [x - radius]₊: compactness of what shall lie within a learnable radius. If
    /// it shall lie outside: of [radius + margin - x]₊.
    public func hinge(
        _ x: Tensor<Scalar>, radius: Tensor<Scalar>, margin: Scalar, isInside: Bool, weights: Tensor<Scalar>
    ) -> Tensor<Scalar> {
        let distance = subtract(x, radius)
        return weightedMean(
            relu(isInside ? distance : scale(distance, by: -1, offset: margin)), weights: weights)
    }
}

/// Soft assignments of equal weight (Cuturi, 2013; SwAV, 2020): never differentiated.
///
/// Q = exp(scores)ᵀ; three times: each cluster's row over (its sum · clusters), each column over (its sum ·
/// count); at last columns that sum to 1.
///
/// - Parameter scores: `[count, clusters]` row-major: similarities over the temperature.
/// - Returns: `[count, clusters]`, each row a distribution.
public func sinkhorn<Scalar: TrainingScalar>(
    scores: [Scalar], clusters: Int, rounds: Int = 3
) -> [Scalar] {
    precondition(
        clusters > 0 && scores.count % clusters == 0, "\(scores.count) scores of \(clusters) clusters")
    let count = scores.count / clusters
    let most = scores.max() ?? 0
    var q = scores.map { Double(Scalar.exponential($0 - most)) }
    func rescale(_ total: Double, _ group: (Int) -> Int, _ groups: Int) {
        var sums = [Double](repeating: 0, count: groups)
        for index in q.indices { sums[group(index)] += q[index] }
        for index in q.indices where sums[group(index)] > 0 { q[index] /= sums[group(index)] * total }
    }
    for _ in 0..<rounds {
        rescale(Double(clusters), { $0 % clusters }, clusters)
        rescale(Double(count), { $0 / clusters }, count)
    }
    rescale(1, { $0 / clusters }, count)
    return q.map { Scalar($0) }
}
