import AnomalyModels
import Evaluation
import Imaging

/// A method that can be taught what another was taught, so that only their arithmetic differs.
protocol TwinMethod: DetectionMethod {
    /// What was learned last.
    var teaching: PatchTeaching? { get }
    /// The scores of its parts, each before a bank that does not know it.
    var goodScores: [Float] { get }
    /// What looked at the last image.
    var trunk: PatchTrunk? { get }

    /// Learns from `references`; with `places`, what that was taught with, banks keep the patches of its places.
    mutating func learn(from references: [RGBImage], seed: Int, places: PatchTeaching?) throws
}

extension TwinMethod {
    mutating func learn(from references: [RGBImage], seed: Int) throws {
        try learn(from: references, seed: seed, places: nil)
    }
}

/// How the patches of one tap of one image agree in int8 and in float32.
struct TapAgreement {
    let name: String
    /// The cosine of each patch.
    let cosines: [Float]
    /// Sums of squares: of what differs, and of the values in float32.
    let error: Double
    let square: Double
    /// The mean cosine of the codes of int8 with the values that they were made of.
    let coded: Double

    /// Of tap `tap` of what both trunks saw last.
    init(_ tap: Int, of int8: PatchTrunk, _ float: PatchTrunk) {
        let (own, exact) = (int8.values(tap), float.values(tap)), width = int8.taps[tap].channels
        let codes = int8.codes(tap).map(Float.init), rows = stride(from: 0, to: exact.count, by: width)
        cosines = rows.map { Self.cosine(own[$0..<$0 + width], exact[$0..<$0 + width]) }
        coded =
            rows.reduce(0.0) { $0 + Double(Self.cosine(own[$1..<$1 + width], codes[$1..<$1 + width])) }
            / Double(max(cosines.count, 1))
        error = zip(own, exact).reduce(0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
        square = exact.reduce(0) { $0 + Double($1) * Double($1) }
        name = int8.taps[tap].name
    }

    /// 1 for zeros.
    private static func cosine(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Float {
        var (both, own, other) = (0.0, 0.0, 0.0)
        for (x, y) in zip(a, b) {
            both += Double(x) * Double(y)
            own += Double(x) * Double(x)
            other += Double(y) * Double(y)
        }
        return own > 0 && other > 0 ? Float(both / (own * other).squareRoot()) : 1
    }
}
