/// What the frozen trunk says of defective images in several views, cached for clustering: for each image and view the
/// patches pooled evenly (branch I) and under auxiliary images (branch A of METHODS.md 5.2).
package struct DefectFeatures {
    /// Which auxiliary image weighs the patches.
    package enum Auxiliary: String, CaseIterable, Sendable {
        /// Supplied masks.
        case given
        /// Rarity within the image, where the images have marks; else none.
        case generated
        /// By an encoder-decoder that was trained on the images, where they have marks; else none.
        case learned
        /// None.
        case none
    }

    /// `[auxiliary image][view][tap]`: `[count, channels]`.
    private var pools: [Auxiliary: [[[Float]]]] = [:]
    private var spread = RaritySpread()
    private let channels: [Int]
    package private(set) var count = 0
    package let viewCount: Int

    /// None yet, of maps of `channels`, finest first.
    package init(channels: [Int], views: Int) {
        (self.channels, viewCount) = (channels, views)
    }

    /// Adds view `view` of the next image, pooled under each of `weights` and evenly; views come in rising order, and
    /// the same auxiliary images with all of them. `rarity` is that of the finest map, if known.
    package mutating func add(
        _ maps: [PatchMap], _ weights: [Auxiliary: MarkWeights], rarity: RarityMap? = nil, view: Int
    ) {
        precondition(maps.map(\.channels) == channels, "maps of \(maps.map(\.channels)) channels")
        var weights = weights
        weights[.none] = MarkWeights(evenlyOver: maps[0])
        for (auxiliary, weights) in weights { pool(maps, weights, of: auxiliary, view: view) }
        guard view == 0 else { return }
        count += 1
        if let rarity { spread.add(rarity.values) }
    }

    /// Pools view `view` of the next image of those added under one more auxiliary image.
    package mutating func pool(
        _ maps: [PatchMap], _ weights: MarkWeights, of auxiliary: Auxiliary, view: Int
    ) {
        let empty = [[[Float]]](
            repeating: [[Float]](repeating: [], count: channels.count), count: viewCount)
        for (tap, map) in maps.enumerated() {
            pools[auxiliary, default: empty][view][tap] += map.pooled(weights.on(map))
        }
    }

    /// The share of the variance of rarity that lies within images; 0 where no rarity was given.
    package var localShare: Double { spread.withinShare }

    /// Above this share rarity says where the mark is; below, what the surface as a whole is like. Sets of marks have
    /// 0.82 to 0.99, those whose defects are textures that fill the image 0.58 to 0.64.
    package static let markShare = 0.75

    /// `wanted`, unless it is made from the images and these have no marks.
    package func used(_ wanted: Auxiliary) -> Auxiliary {
        (wanted == .generated || wanted == .learned) && localShare < Self.markShare ? .none : wanted
    }

    /// The maps that vectors are made of: all where marks count, which may be tiny; else the two coarse ones.
    package func taps(_ auxiliary: Auxiliary) -> [Int] {
        Array((used(auxiliary) == .none ? max(0, channels.count - 2) : 0)..<channels.count)
    }

    /// For each view the vectors of all images, `[count, components]`: each tap less its mean, of length 1, the taps
    /// behind one another, then principal components fitted on all views.
    ///
    /// - Precondition: the images were added with this auxiliary image.
    package func components(
        _ wanted: Int = 64, _ auxiliary: Auxiliary, taps chosen: [Int]? = nil
    ) -> (views: [[Float]], width: Int) {
        guard let pool = pools[used(auxiliary)] else {
            preconditionFailure("no images with auxiliary image '\(auxiliary)'")
        }
        let taps = chosen ?? self.taps(auxiliary)
        let width = taps.reduce(0) { $0 + channels[$1] }
        var all = [Float](repeating: 0, count: viewCount * count * width)
        var offset = 0
        for tap in taps {
            place(pool.map { $0[tap] }, channels[tap], in: &all, width: width, offset: offset)
            offset += channels[tap]
        }
        let plane = PrincipalPlane(all, width: width, count: wanted)
        let projected = plane.projected(all), share = count * plane.count
        return ((0..<viewCount).map { Array(projected[$0 * share..<($0 + 1) * share]) }, plane.count)
    }

    /// Writes the vectors of one tap, less their mean and of length 1, to columns `offset` on.
    private func place(
        _ views: [[Float]], _ depth: Int, in all: inout [Float], width: Int, offset: Int
    ) {
        var mean = [Float](repeating: 0, count: depth)
        for view in views { for (index, value) in view.enumerated() { mean[index % depth] += value } }
        for channel in 0..<depth { mean[channel] /= Float(viewCount * count) }
        for (number, view) in views.enumerated() {
            for image in 0..<count {
                let centred = (0..<depth).map { view[image * depth + $0] - mean[$0] }
                let length = centred.reduce(0) { $0 + $1 * $1 }.squareRoot()
                let factor = length > 1e-9 ? 1 / length : 0
                let start = (number * count + image) * width + offset
                for channel in 0..<depth { all[start + channel] = centred[channel] * factor }
            }
        }
    }
}

/// How much of the variance of rarity lies within images, and how much between them.
///
/// A mark is rare in its image, and the rest of all images is alike rare: nearly all of the variance is within. Where
/// the defect is the texture of the whole image, each kind of texture has a rarity of its own.
struct RaritySpread {
    private var count = 0.0
    private var variances = 0.0
    private var means = 0.0
    private var meanSquares = 0.0

    mutating func add(_ values: [Float]) {
        guard !values.isEmpty else { return }
        let mean = values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
        let squares = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
        count += 1
        variances += squares / Double(values.count)
        means += mean
        meanSquares += mean * mean
    }

    /// 0 where there is no variance.
    var withinShare: Double {
        guard count > 0 else { return 0 }
        let between = max(0, meanSquares / count - means / count * (means / count))
        let total = variances / count + between
        return total > 0 ? variances / count / total : 0
    }
}
