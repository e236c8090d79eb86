internal import COpenBLAS
internal import Glibc

/// Lane by lane through the C library: the reference, not meant to be fast.
extension Double: TrainingScalar {
    public static func exponential(_ x: SIMD8<Double>) -> SIMD8<Double> { each(x) { Glibc.exp($0) } }

    public static func errorFunction(_ x: SIMD8<Double>) -> (erf: SIMD8<Double>, gaussian: SIMD8<Double>) {
        (each(x) { Glibc.erf($0) }, each(x) { Glibc.exp(-$0 * $0) })
    }

    public static func larger(_ a: SIMD8<Double>, _ b: SIMD8<Double>) -> SIMD8<Double> {
        a.replacing(with: b, where: b .> a)
    }

    public static func choose(
        _ a: SIMD8<Double>, whereAbove limit: SIMD8<Double>, _ x: SIMD8<Double>, else b: SIMD8<Double>
    ) -> SIMD8<Double> {
        b.replacing(with: a, where: x .> limit)
    }

    public static func logarithm(_ x: Double) -> Double { Glibc.log(x) }
    public static func exponential(_ x: Double) -> Double { Glibc.exp(x) }
    public static func tangent(_ x: Double) -> Double { Glibc.tanh(x) }

    @unsafe public static func multiply(
        _ sizes: (rows: Int, columns: Int, depth: Int), alpha: Double,
        _ a: UnsafePointer<Double>, _ aStride: Int, _ isATransposed: Bool,
        _ b: UnsafePointer<Double>, _ bStride: Int, _ isBTransposed: Bool,
        beta: Double, _ c: UnsafeMutablePointer<Double>, _ cStride: Int
    ) {
        // The caller's promise is dgemm's own: each matrix holds its rows at its stride.
        unsafe cblas_dgemm(
            CblasRowMajor, isATransposed ? CblasTrans : CblasNoTrans,
            isBTransposed ? CblasTrans : CblasNoTrans,
            Int32(sizes.rows), Int32(sizes.columns), Int32(sizes.depth), alpha, a, Int32(aStride),
            b, Int32(bStride), beta, c, Int32(cStride))
    }

    private static func each(_ x: SIMD8<Double>, _ function: (Double) -> Double) -> SIMD8<Double> {
        var result = x
        for lane in 0..<8 { result[lane] = function(x[lane]) }
        return result
    }
}
