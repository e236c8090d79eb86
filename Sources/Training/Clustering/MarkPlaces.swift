internal import Glibc

/// Whether the images of a set were cut about their marks, learned from all of them without labels.
///
/// Each image says by its weights where its mark may be. A share of the marks lies in the middle, normally distributed
/// about it, the rest anywhere; how many and how near follows by expectation maximisation (Dempster, Laird and Rubin,
/// 1977). Crops about findings come to nearly all, which tells apart the mark from what else is rare in a crop;
/// pictures of whole parts come to nearly none, and nothing changes.
package struct MarkPlaces {
    /// The share of the images whose mark lies in the middle, 0...1.
    package private(set) var middleShare = 0.5
    /// The standard deviation of those about the middle, as a share of the image's sides.
    package private(set) var deviation = deviations.upperBound
    private let columns: Int
    private let rows: Int
    /// The square of the distance to the middle for each place, in squared sides.
    private let distances: [Double]

    private static let roundCount = 20
    /// A wider middle is anywhere.
    private static let deviations = 0.01...0.15

    /// - Precondition: there is an image, and all have the same grid.
    package init(_ images: [MarkWeights]) {
        precondition(!images.isEmpty, "no images")
        let (columns, rows) = (images[0].columns, images[0].rows)
        precondition(images.allSatisfy { $0.columns == columns && $0.rows == rows }, "different grids")
        (self.columns, self.rows) = (columns, rows)
        distances = (0..<columns * rows).map { place in
            let x = (Double(place % columns) + 0.5) / Double(columns) - 0.5
            let y = (Double(place / columns) + 0.5) / Double(rows) - 0.5
            return x * x + y * y
        }
        for _ in 0..<Self.roundCount { settle(images) }
    }

    private mutating func settle(_ images: [MarkWeights]) {
        let middle = self.middle, anywhere = 1 / Double(middle.count)
        var shares = 0.0, squares = 0.0
        for image in images {
            var mass = 0.0, square = 0.0
            for (place, weight) in image.values.enumerated() where weight > 0 {
                let part = Double(weight) * middle[place]
                mass += part
                square += part * distances[place]
            }
            // The weights of an image are of sum 1.
            let joint = middleShare * mass
            guard joint > 0 else { continue }
            let share = joint / (joint + (1 - middleShare) * anywhere)
            shares += share
            squares += share * square / mass
        }
        middleShare = shares / Double(images.count)
        // Two dimensions have twice the variance of one.
        guard shares > 0 else { return }
        let (least, most) = (Self.deviations.lowerBound, Self.deviations.upperBound)
        deviation = min(max((squares / shares / 2).squareRoot(), least), most)
    }

    /// The share of the marks of the middle that lies at each place.
    private var middle: [Double] {
        let bell = distances.map { Glibc.exp(-$0 / (2 * deviation * deviation)) }
        let sum = bell.reduce(0, +)
        return bell.map { $0 / sum }
    }

    /// Weights of images of the set, as the others let expect their marks.
    ///
    /// - Precondition: they have the grid of the set.
    package func expected(_ images: [MarkWeights]) -> [MarkWeights] {
        let anywhere = (1 - middleShare) / Double(columns * rows)
        let factors = middle.map { Float(middleShare * $0 + anywhere) }
        return images.map { image in
            precondition(image.columns == columns && image.rows == rows, "another grid")
            return image.multiplied(by: factors)
        }
    }
}
