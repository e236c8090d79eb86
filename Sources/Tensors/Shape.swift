/// The extents of a tensor, outermost first. Elements lie row-major: the last extent is contiguous.
///
/// A shape without extents is that of a single number.
///
/// - Invariant: no extent is negative, and `elementCount` does not overflow.
public struct Shape: Sendable, Hashable, CustomStringConvertible {
    /// The extents, outermost first.
    public let extents: [Int]

    /// The product of the extents, 1 if there are none.
    public let elementCount: Int

    /// Returns nil if an extent is negative or the number of elements overflows `Int`, even where a later
    /// extent is zero.
    public init?(checking extents: [Int]) {
        var count = 1
        var product = 1  // of the extents that are not zero
        for extent in extents {
            let (next, overflows) = product.multipliedReportingOverflow(by: max(extent, 1))
            guard extent >= 0, !overflows else { return nil }
            product = next
            count = extent == 0 ? 0 : count
        }
        self.extents = extents
        elementCount = count * product
    }

    /// - Precondition: no extent is negative and the number of elements fits `Int`. For shapes from outside
    ///   use `init(checking:)`.
    public init(_ extents: [Int]) {
        guard let shape = Shape(checking: extents) else {
            preconditionFailure("no tensor has the shape \(extents)")
        }
        self = shape
    }

    /// The number of extents.
    public var rank: Int { extents.count }

    /// The extent of one axis, counted from the outermost.
    ///
    /// - Precondition: `axis` is in `0..<rank`.
    public subscript(axis: Int) -> Int { extents[axis] }

    /// The bytes of the elements if they are of type `type`, or nil if that overflows `Int`.
    public func byteCount(of type: ElementType) -> Int? {
        let (bytes, overflows) = elementCount.multipliedReportingOverflow(by: type.byteCount)
        return overflows ? nil : bytes
    }

    /// As in "[3, 224, 224]".
    public var description: String { extents.description }
}

extension Shape: ExpressibleByArrayLiteral {
    /// - Precondition: as for `init(_:)`.
    public init(arrayLiteral extents: Int...) { self.init(extents) }
}
