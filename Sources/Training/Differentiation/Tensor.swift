/// A value on a tape: an array of numbers that knows how it came about.
///
/// It is a handle: the numbers lie in the tape's workspace and are good until the tape's next `begin`. Elements
/// are row-major, the last extent contiguous; pictures are `[N, H, W, C]`, tokens `[N, tokens, width]`.
public struct Tensor<Scalar: TrainingScalar>: Sendable, Hashable {
    /// The extents, outermost first; empty for a single number.
    public let shape: [Int]
    let index: Int
    let step: Int

    /// The product of the extents.
    public var count: Int { shape.reduce(1, *) }

    /// The last extent, 1 for a single number.
    public var width: Int { shape.last ?? 1 }

    /// The rows of `width` numbers.
    public var rows: Int { shape.dropLast().reduce(1, *) }
}
