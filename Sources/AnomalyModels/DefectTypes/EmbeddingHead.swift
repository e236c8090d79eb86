/// What makes one vector of a defect out of its pooled patches (METHODS.md 5.3): each map less its mean and of length
/// 1, the maps behind one another, in the coordinates of `axes`.
///
/// Beginning at the identity, without a trained part: centres and axes are fitted on simulated surfaces.
package struct EmbeddingHead: Sendable, Hashable {
    /// The numbers of the vector.
    package let width: Int
    /// How much of the mean patch of the whole picture is taken off the pooled ones, 0...1: with 1 a defect is described
    /// by how it differs from what it is on.
    package let contrast: Float
    /// From how similar on defects may be of one kind, as far as nothing else is known: 0...1.
    package let similarity: Float
    /// For each map, finest first, what is taken off; the last maps of the trunk, as many as there are here.
    package let means: [[Float]]
    /// Subtracted after the maps were put behind one another.
    package let offset: [Float]
    /// `[width, inputs]`, row-major.
    package let axes: [Float]

    /// The numbers of all maps.
    package var inputs: Int { offset.count }

    /// - Precondition: the extents fit each other.
    package init(
        width: Int, contrast: Float, similarity: Float, means: [[Float]], offset: [Float], axes: [Float]
    ) {
        precondition(
            offset.count == means.reduce(0) { $0 + $1.count } && axes.count == width * offset.count
                && width > 0,
            "\(axes.count) numbers for \(width) axes of \(offset.count)")
        (self.contrast, self.similarity) = (contrast, similarity)
        (self.width, self.means, self.offset, self.axes) = (width, means, offset, axes)
    }
}
