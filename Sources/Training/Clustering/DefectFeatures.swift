/// What the frozen trunk says of defective images in several views, cached for clustering: for each image and view the
/// patches pooled under the auxiliary image, and evenly.
package struct DefectFeatures {
    /// Which auxiliary image weighs the patches.
    package enum Auxiliary: String, CaseIterable, Sendable {
        /// Supplied masks.
        case given
        /// Rarity within the image.
        case generated
        /// None.
        case none
    }

    /// `[view][tap]`: `[count, channels]`, weighted.
    private var weighted: [[[Float]]]
    private let channels: [Int]
    /// How much of each image its mark fills, in the first view.
    package private(set) var extents: [Double] = []
    package var count: Int { extents.count }
    package let viewCount: Int

    /// None yet, of maps of `channels`, finest first.
    package init(channels: [Int], views: Int) {
        (self.channels, viewCount) = (channels, views)
        weighted = [[[Float]]](repeating: [[Float]](repeating: [], count: channels.count), count: views)
    }

    /// Adds view `view` of the next image; views come in rising order.
    package mutating func add(_ maps: [PatchMap], _ weights: MarkWeights, view: Int) {
        precondition(maps.map(\.channels) == channels, "maps of \(maps.map(\.channels)) channels")
        for (tap, map) in maps.enumerated() { weighted[view][tap] += map.pooled(weights.on(map)) }
        if view == 0 { extents.append(weights.extent) }
    }

    /// The median share of the image that a mark fills.
    package var typicalExtent: Double { extents.isEmpty ? 1 : extents.sorted()[extents.count / 2] }

    /// Tiny marks fill less than this: then the finest map counts as well (EXPERIMENTS.md section 4).
    package static let tinyExtent = 0.1

    /// The maps that the vectors are made of, by the size of the marks alone.
    package var taps: [Int] {
        let coarse = channels.count - 2
        return Array((typicalExtent < Self.tinyExtent ? 0 : coarse)..<channels.count)
    }

    /// For each view the vectors of all images, `[count, components]`: each tap less its mean, of length 1, the taps
    /// behind one another, then principal components fitted on all views.
    package func components(_ wanted: Int = 64, taps chosen: [Int]? = nil) -> (views: [[Float]], width: Int) {
        let taps = chosen ?? self.taps
        let width = taps.reduce(0) { $0 + channels[$1] }
        var all = [Float](repeating: 0, count: viewCount * count * width)
        var offset = 0
        for tap in taps {
            let depth = channels[tap]
            var mean = [Float](repeating: 0, count: depth)
            for view in 0..<viewCount {
                for (index, value) in weighted[view][tap].enumerated() { mean[index % depth] += value }
            }
            for channel in 0..<depth { mean[channel] /= Float(viewCount * count) }
            for view in 0..<viewCount {
                for image in 0..<count {
                    let centred = (0..<depth).map { weighted[view][tap][image * depth + $0] - mean[$0] }
                    let length = centred.reduce(0) { $0 + $1 * $1 }.squareRoot()
                    let factor = length > 1e-9 ? 1 / length : 0
                    let start = (view * count + image) * width + offset
                    for channel in 0..<depth { all[start + channel] = centred[channel] * factor }
                }
            }
            offset += depth
        }
        let plane = PrincipalPlane(all, width: width, count: wanted)
        let projected = plane.projected(all), share = count * plane.count
        return ((0..<viewCount).map { Array(projected[$0 * share..<($0 + 1) * share]) }, plane.count)
    }
}
