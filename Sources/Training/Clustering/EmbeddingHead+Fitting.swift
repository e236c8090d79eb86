package import AnomalyModels

extension EmbeddingHead {
    /// Fits means and axes to pooled defects, `[defect][map]`, as `DefectEmbedder.pooled` gives them: the start at the
    /// identity, nothing is trained. As many axes as `width` says, or as there are. `weights` say how much each map counts.
    ///
    /// - Precondition: there is a defect, and all have the same maps.
    package init(
        fitting defects: [[[Float]]], contrast: Float, weights: [Float], similarity: Float, width: Int = 128
    ) {
        precondition(!defects.isEmpty && !defects[0].isEmpty, "no defects to fit a head to")
        let means = defects[0].indices.map { map in
            defects[0][map].indices.map { channel in
                defects.reduce(0) { $0 + $1[map][channel] } / Float(defects.count)
            }
        }
        let inputs = means.reduce(0) { $0 + $1.count }
        let values = defects.flatMap { defect in
            defect.enumerated().flatMap { map, vector -> [Float] in
                let centred = zip(vector, means[map]).map { $0 - $1 }
                let length = centred.reduce(0) { $0 + $1 * $1 }.squareRoot()
                return centred.map { length > 1e-6 ? weights[map] * $0 / length : 0 }
            }
        }
        let plane = PrincipalPlane(values, width: inputs, count: width)
        // The weights are part of the head: what is taken off and the axes are for maps that all count alike.
        let scales = means.enumerated().flatMap { map, mean in mean.map { _ in weights[map] } }
        self.init(
            width: plane.count, contrast: contrast, similarity: similarity, means: means,
            offset: zip(plane.mean, scales).map { $0 / $1 },
            axes: plane.axes.indices.map { plane.axes[$0] * scales[$0 % inputs] })
    }
}
