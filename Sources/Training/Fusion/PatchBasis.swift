import AnomalyModels

/// The first principal axes of patches, over the mean deviation along them, and the bias that centres them: where an image
/// adapter begins.
package struct PatchBasis {
    /// Numbers of a patch.
    let width: Int
    /// How many axes.
    let count: Int
    /// `[count, width]`.
    let axes: [Double]
    let bias: [Double]

    /// The first `count` axes of `codes`, `[rows, width]`, each at unit length.
    init(_ codes: [Int8], width: Int, count: Int) {
        let rows = codes.count / width
        let points = Self.units(codes, width)
        let plane = PrincipalPlane(points, width: width, count: count)
        var axes = plane.axes.map(Double.init)
        axes += [Double](repeating: 0, count: count * width - axes.count)
        let deviations = (0..<count).map { axis in
            let square = (0..<rows).reduce(0.0) { sum, row in
                let said = (0..<width).reduce(0.0) {
                    $0 + axes[axis * width + $1] * Double(points[row * width + $1] - plane.mean[$1])
                }
                return sum + said * said
            }
            return (square / Double(rows)).squareRoot()
        }
        let scale = 1 / max(deviations.reduce(0, +) / Double(count), 1e-3)
        axes = axes.map { $0 * scale }
        bias = (0..<count).map { axis in
            -(0..<width).reduce(0.0) { $0 + axes[axis * width + $1] * Double(plane.mean[$1]) }
        }
        (self.width, self.count, self.axes) = (width, count, axes)
    }

    /// Codes as unit vectors of `width`, one after the other.
    package static func units(_ codes: [Int8], _ width: Int) -> [Float] {
        var result: [Float] = []
        result.reserveCapacity(codes.count)
        for first in stride(from: 0, to: codes.count, by: width) {
            appendUnit(codes[first..<first + width], to: &result)
        }
        return result
    }

    /// Appends the codes of one patch at length 1; zeros stay zeros.
    static func appendUnit(_ codes: ArraySlice<Int8>, to result: inout [Float]) {
        let square = codes.reduce(into: Int32(0)) { $0 += Int32($1) * Int32($1) }
        let scale = square > 0 ? 1 / Float(square).squareRoot() : 0
        for code in codes { result.append(Float(code) * scale) }
    }
}

/// Mean and deviation of each scalar of the evidence of one tap.
struct EvidenceSpread {
    let mean: [Float]
    let deviation: [Float]

    init(mean: [Float], deviation: [Float]) { (self.mean, self.deviation) = (mean, deviation) }

    /// Those of each column of lists of rows of evidence.
    init(of lists: [[Float]]) {
        let width = SegmentationHead.evidence
        var mean: [Float] = [], deviation: [Float] = []
        for column in 0..<width {
            var sum = 0.0, square = 0.0, count = 0.0
            for list in lists {
                for place in stride(from: column, to: list.count, by: width) {
                    sum += Double(list[place])
                    square += Double(list[place]) * Double(list[place])
                    count += 1
                }
            }
            mean.append(Float(sum / count))
            deviation.append(Float(max(square / count - sum / count * sum / count, 0).squareRoot() + 1e-3))
        }
        (self.mean, self.deviation) = (mean, deviation)
    }

    /// `values`, rows of evidence, less the mean, over the deviation.
    func standardised(_ values: [Float]) -> [Float] {
        let width = SegmentationHead.evidence
        return values.indices.map { (values[$0] - mean[$0 % width]) / deviation[$0 % width] }
    }
}
