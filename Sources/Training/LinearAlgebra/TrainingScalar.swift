internal import COpenBLAS
internal import Glibc

/// What a row is worked through with: eight numbers at a time.
package typealias Lanes<Scalar: TrainingScalar> = SIMD8<Scalar>

/// A number that networks are trained in: `Float`, and `Double` for checks of the derivatives.
///
/// Operators are written once, over this protocol, and specialised for `Float`. What has no generic form that
/// is fast (matrix products, transcendental functions) is a requirement. `Double` takes the C library's
/// functions, so that it can serve as the reference of `Float`'s polynomials.
public protocol TrainingScalar: BinaryFloatingPoint, SIMDScalar, Codable, Sendable {
    /// e to the power of each lane, 0 where that is below the normal numbers.
    static func exponential(_ x: SIMD8<Self>) -> SIMD8<Self>

    /// erf(x) and exp(-x²) of each lane. `Float`: within 2e-7 (Abramowitz and Stegun, 7.1.26).
    static func errorFunction(_ x: SIMD8<Self>) -> (erf: SIMD8<Self>, gaussian: SIMD8<Self>)

    /// The larger of each pair of lanes.
    static func larger(_ a: SIMD8<Self>, _ b: SIMD8<Self>) -> SIMD8<Self>

    /// `a` in the lanes where `x` is above `limit`, else `b`.
    static func choose(
        _ a: SIMD8<Self>, whereAbove limit: SIMD8<Self>, _ x: SIMD8<Self>, else b: SIMD8<Self>
    ) -> SIMD8<Self>

    /// The natural logarithm, exponential and hyperbolic tangent of one number, from the C library.
    static func logarithm(_ x: Self) -> Self
    static func exponential(_ x: Self) -> Self
    static func tangent(_ x: Self) -> Self

    /// C = `alpha` A B + `beta` C by OpenBLAS; rows lie `stride` apart. Called through `Matrix`, which checks.
    @unsafe static func multiply(
        _ sizes: (rows: Int, columns: Int, depth: Int), alpha: Self,
        _ a: UnsafePointer<Self>, _ aStride: Int, _ isATransposed: Bool,
        _ b: UnsafePointer<Self>, _ bStride: Int, _ isBTransposed: Bool,
        beta: Self, _ c: UnsafeMutablePointer<Self>, _ cStride: Int)
}

extension Float: TrainingScalar {
    /// 2^n times a polynomial of degree 6 on [-ln2/2, ln2/2]; relative error below 2e-7.
    @inline(__always)
    public static func exponential(_ x: SIMD8<Float>) -> SIMD8<Float> {
        let low = SIMD8<Float>(repeating: -87.3)
        let high = SIMD8<Float>(repeating: 88.3)
        var bounded = x.replacing(with: high, where: x .> high)
        bounded.replace(with: low, where: x .< low)
        // Adding 1.5 * 2^23 rounds to the nearest integer and leaves it in the low bits.
        let shifted = bounded * 1.442_695_04 + 12_582_912
        let n = shifted - 12_582_912
        let r = bounded - n * 0.693_359_375 + n * 2.121_944_4e-4
        var p = r * 1.388_888_9e-3 + 8.333_333_3e-3
        p = p * r + 4.166_666_6e-2
        p = p * r + 0.166_666_667
        p = p * r + 0.5
        p = p * r + 1
        p = p * r + 1
        // Float and UInt32 lanes have the same size and no padding; n is in -126...127.
        let bits =
            unsafe unsafeBitCast(p, to: SIMD8<UInt32>.self)
            &+ (unsafe unsafeBitCast(shifted, to: SIMD8<UInt32>.self) &<< 23)
        return unsafe unsafeBitCast(bits, to: SIMD8<Float>.self).replacing(with: 0, where: x .< low)
    }

    @inline(__always)
    public static func errorFunction(_ x: SIMD8<Float>) -> (erf: SIMD8<Float>, gaussian: SIMD8<Float>) {
        let size = x.replacing(with: -x, where: x .< 0)
        let t = 1 / (1 + 0.327_591_1 * size)
        let gaussian = exponential(-x * x)
        var p = t * 1.061_405_429 - 1.453_152_027
        p = p * t + 1.421_413_741
        p = p * t - 0.284_496_736
        p = p * t + 0.254_829_592
        let erf = 1 - p * t * gaussian
        return (erf.replacing(with: -erf, where: x .< 0), gaussian)
    }

    @inline(__always)
    public static func larger(_ a: SIMD8<Float>, _ b: SIMD8<Float>) -> SIMD8<Float> {
        a.replacing(with: b, where: b .> a)
    }

    @inline(__always)
    public static func choose(
        _ a: SIMD8<Float>, whereAbove limit: SIMD8<Float>, _ x: SIMD8<Float>, else b: SIMD8<Float>
    ) -> SIMD8<Float> {
        b.replacing(with: a, where: x .> limit)
    }

    public static func logarithm(_ x: Float) -> Float { logf(x) }
    public static func exponential(_ x: Float) -> Float { expf(x) }
    public static func tangent(_ x: Float) -> Float { tanhf(x) }

    @unsafe public static func multiply(
        _ sizes: (rows: Int, columns: Int, depth: Int), alpha: Float,
        _ a: UnsafePointer<Float>, _ aStride: Int, _ isATransposed: Bool,
        _ b: UnsafePointer<Float>, _ bStride: Int, _ isBTransposed: Bool,
        beta: Float, _ c: UnsafeMutablePointer<Float>, _ cStride: Int
    ) {
        // The caller's promise is sgemm's own: each matrix holds its rows at its stride.
        unsafe cblas_sgemm(
            CblasRowMajor, isATransposed ? CblasTrans : CblasNoTrans,
            isBTransposed ? CblasTrans : CblasNoTrans,
            Int32(sizes.rows), Int32(sizes.columns), Int32(sizes.depth), alpha, a, Int32(aStride),
            b, Int32(bStride), beta, c, Int32(cStride))
    }
}
