/// Weights that ship and know no product: what quick teaching builds on beside the patches of the good parts.
package struct ShippedWeights: Sendable {
    /// Of the product's class.
    package var margin: ClassMargin?
    package var head: SharedHead?
    /// The sentences of the product's class, which a head with a fusion block reads; nil for an object without a name.
    package var columns: ClassColumns?

    package init(margin: ClassMargin? = nil, head: SharedHead? = nil, columns: ClassColumns? = nil) {
        (self.margin, self.head, self.columns) = (margin, head, columns)
    }

    var isEmpty: Bool { margin == nil && head == nil }
}

/// What they add to the bank of a product. Nothing of it was trained with the product.
package struct ShippedAdditions: Sendable, Hashable {
    package var text: PatchText?
    package var head: SegmentationHead?

    package init() {}

    /// `bank` with them.
    package func added(to bank: PatchBank) -> PatchBank { bank.with(text).with(head) }
}
