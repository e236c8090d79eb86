/// What is kept of one defect: a unit vector in int8, codes -127...127 times 1/127 (METHODS.md 5.3).
package struct DefectVector: Sendable, Hashable {
    package let codes: [Int8]

    /// Codes as they were stored; of any length.
    package init(codes: [Int8]) { self.codes = codes }

    /// `vector` at length 1, each element to the nearest code. A vector that is zero or not finite becomes zeros.
    package init(_ vector: [Float]) {
        let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard length > 0, length.isFinite else {
            codes = [Int8](repeating: 0, count: vector.count)
            return
        }
        codes = vector.map { Int8(clamping: Int(($0 / length * 127).rounded(.toNearestOrEven))) }
    }

    /// The vector at length 1.
    package var unit: [Float] {
        let square = codes.reduce(0) { $0 + Int($1) * Int($1) }
        let factor = square > 0 ? 1 / Float(square).squareRoot() : 0
        return codes.map { Float($0) * factor }
    }
}

/// The product of vectors of equal length, which for unit vectors is their cosine.
func product(_ a: [Float], _ b: [Float]) -> Float {
    precondition(a.count == b.count, "vectors of \(a.count) and \(b.count)")
    var sum = SIMD16<Float>(repeating: 0)
    var index = 0
    while index + 16 <= a.count {
        var left = SIMD16<Float>(), right = SIMD16<Float>()
        for lane in 0..<16 { (left[lane], right[lane]) = (a[index + lane], b[index + lane]) }
        sum += left * right
        index += 16
    }
    var total = sum.sum()
    while index < a.count {
        total += a[index] * b[index]
        index += 1
    }
    return total
}

/// `vector` at length 1; zeros stay.
func normalised(_ vector: [Float]) -> [Float] {
    let length = product(vector, vector).squareRoot()
    return length > 0 ? vector.map { $0 / length } : vector
}
