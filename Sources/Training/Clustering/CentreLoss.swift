/// How centres and embedding are drawn together once there are centres (METHODS.md 5.2 step 4).
package enum CentreLoss: String, CaseIterable, Sendable {
    /// Each view to the sharpened assignment of the other (Xie et al., 2016); the default.
    case sharpened
    /// The columns of the soft assignments contrasted between views, with a term for balance (A; Contrastive
    /// Clustering, Li et al., 2021).
    case columns
    /// The mean of each cluster's members contrasted between views (B; ProPos, Huang et al., 2022).
    case scattering
}

extension Parameters where Scalar == Float {
    /// Puts the parameter 'centres', `[count, width]`, where k-means finds them among `rows`. False, and nothing done, if
    /// fewer rows differ.
    func placeCentres(among rows: UnitRows, count: Int, seed: Int) -> Bool {
        let found = SphericalKMeans(rows, count: count, seed: seed)
        guard found.centres.count == count, let parameter = self["centres"] else { return false }
        parameter.values = (0..<count).flatMap { found.centres.row($0) }
        return true
    }

    /// Brings the centres back to length 1.
    func normaliseCentres(width: Int) {
        guard let parameter = self["centres"] else { return }
        let rows = UnitRows(parameter.values, width: width)
        parameter.values = (0..<rows.count).flatMap { rows.row($0) }
    }
}

extension Tape where Scalar == Float {
    /// The loss of `kind` of the unit rows `z`, `[2n, width]`, the second views behind the first, and unit `centres`.
    func centreLoss(
        _ kind: CentreLoss, _ z: Tensor<Float>, _ centres: Tensor<Float>, temperature: Float
    ) -> Tensor<Float> {
        let logits = scale(product(z, centres, isRightTransposed: true), by: 1 / temperature)
        switch kind {
        case .sharpened:
            let targets = ResidualHead.sharpened(values(logits), clusters: centres.rows)
            return divergence(logits, targets: constant(targets, [z.rows, centres.rows]))
        case .columns: return columns(softmax(logits))
        case .scattering: return scattering(z, values(logits), clusters: centres.rows)
        }
    }

    /// NT-Xent, temperature 1, of the columns of `p`, `[2n, clusters]`, each with the same column of the other view; and
    /// for each view how unevenly clusters are used.
    private func columns(_ p: Tensor<Float>) -> Tensor<Float> {
        let clusters = p.width
        var unit = [Float](repeating: 0, count: clusters * clusters)
        for cluster in 0..<clusters { unit[cluster * clusters + cluster] = 1 }
        let identity = constant(unit, [clusters, clusters])
        let views = halves(p)
        let transposed = views.map { product(identity, $0, isRightTransposed: true) }
        let contrast = ntXent(normalise(concatenate(transposed, axis: 0)), temperature: 1)
        return add(contrast, add(imbalance(views[0]), imbalance(views[1])))
    }

    /// NT-Xent, temperature 0.5, of the means of clusters, each with the same one of the other view. Each pair of views
    /// is of the cluster to which the two together are nearest; clusters without members are left out.
    private func scattering(_ z: Tensor<Float>, _ logits: [Float], clusters: Int) -> Tensor<Float> {
        let count = z.rows / 2
        let labels = (0..<count).map { row in
            let both = (0..<clusters).map {
                logits[row * clusters + $0] + logits[(row + count) * clusters + $0]
            }
            return both.indices.max { both[$0] < both[$1] } ?? 0
        }
        let used = Array(Set(labels)).sorted()
        let means = halves(z).map { gather(clusterMeans($0, labels: labels, clusters: clusters), rows: used) }
        return ntXent(normalise(concatenate(means, axis: 0)), temperature: 0.5)
    }

    private func halves(_ x: Tensor<Float>) -> [Tensor<Float>] {
        [slice(x, axis: 0, 0..<x.rows / 2), slice(x, axis: 0, x.rows / 2..<x.rows)]
    }
}
