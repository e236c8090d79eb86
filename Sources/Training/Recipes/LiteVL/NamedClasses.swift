/// What an ImageNet classifier knows, in the space of sentences: the closed form that LiteVL starts from.
///
/// Ridge regression from logits to the sentences of the classes' names, F = (C'C + λ)⁻¹ C' L, C `[classes, width]`: the
/// scores F · t of a sentence t are those of the classifier that ridge regression from names to its rows gives for t
/// (METHODS.md 2.2 d, the baseline).
package struct NamedClasses: Sendable {
    /// The unit vectors of the names, `[classes, width]`.
    package let sentences: [Float]
    package let classes: Int
    package let width: Int
    /// `[classes, width]`: what one logit, without its bias, says in the space of sentences.
    package let rows: [Float]
    /// The λ of the packages that ship.
    package static let usualRidge = 10.0

    /// - Parameter ridge: the λ, above 0.
    /// - Precondition: `sentences` has `width` numbers for each class, at least one.
    package init(sentences: [Float], width: Int, ridge: Double = usualRidge) {
        classes = sentences.count / width
        precondition(classes > 0 && sentences.count == classes * width, "\(sentences.count) numbers")
        (self.sentences, self.width) = (sentences, width)
        var moment = [Double](repeating: 0, count: width * width)
        for row in 0..<classes {
            let sentence = sentences[row * width..<(row + 1) * width].map(Double.init)
            for i in 0..<width {
                for j in 0...i { moment[i * width + j] += sentence[i] * sentence[j] }
            }
        }
        for i in 0..<width { moment[i * width + i] += ridge }
        let factor = Self.factor(moment, width)
        rows = (0..<classes).flatMap { row in
            Self.solved(factor, sentences[row * width..<(row + 1) * width].map(Double.init)).map { Float($0) }
        }
    }

    /// What `logits` less `bias` say, `[width]`.
    package func said(by logits: ArraySlice<Float>, bias: [Float]) -> [Float] {
        var sum = [Float](repeating: 0, count: width)
        for (index, value) in zip(logits, bias).enumerated() {
            let share = value.0 - value.1, first = index * width
            for place in 0..<width { sum[place] += share * rows[first + place] }
        }
        return sum
    }

    /// What the mean of the trunk's last map says, by the classifier's `weight` `[classes, channels]`: `[width,
    /// channels]`.
    package func product(with weight: [Float], channels: Int) -> [Float] {
        var product = [Float](repeating: 0, count: width * channels)
        for row in 0..<width {
            for index in 0..<classes {
                let share = rows[index * width + row]
                let (from, to) = (index * channels, row * channels)
                for channel in 0..<channels { product[to + channel] += share * weight[from + channel] }
            }
        }
        return product
    }

    /// Cholesky's lower factor of a symmetric matrix whose lower half is given.
    private static func factor(_ matrix: [Double], _ n: Int) -> [Double] {
        var lower = matrix
        for i in 0..<n {
            for j in 0...i {
                var sum = lower[i * n + j]
                for k in 0..<j { sum -= lower[i * n + k] * lower[j * n + k] }
                lower[i * n + j] = i == j ? sum.squareRoot() : sum / lower[j * n + j]
            }
        }
        return lower
    }

    private static func solved(_ lower: [Double], _ right: [Double]) -> [Double] {
        let n = right.count
        var x = right
        for i in 0..<n {
            for k in 0..<i { x[i] -= lower[i * n + k] * x[k] }
            x[i] /= lower[i * n + i]
        }
        for i in (0..<n).reversed() {
            for k in i + 1..<n { x[i] -= lower[k * n + i] * x[k] }
            x[i] /= lower[i * n + i]
        }
        return x
    }
}
