/// What a zero-shot head says of the patches of one class, with the class folded in: what is left of the head once the
/// sentences are read. A product that was taught with a class name keeps this, and needs no sentence any more.
///
/// For each patch of stride 8 it gives the margin c of `ZeroShotHead`.
package struct ClassMargin: Sendable, Hashable {
    /// Rows of h.
    package let hidden: Int
    /// Channels of the taps, finest first.
    package let channels: [Int]
    /// By name; see `shapes`.
    package let tensors: [String: [Float]]

    /// - Precondition: `tensors` are as `shapes` says.
    package init(hidden: Int, channels: [Int], tensors: [String: [Float]]) {
        for (name, shape) in Self.shapes(hidden: hidden, channels: channels) {
            precondition(tensors[name]?.count == shape.reduce(1, *), "tensor '\(name)' of another shape")
        }
        (self.hidden, self.channels, self.tensors) = (hidden, channels, tensors)
    }

    /// The margin of `head` for the class of `columns`.
    package init(_ head: ZeroShotHead, _ columns: ClassColumns) {
        var tensors = ["folded": head.folded(columns)]
        for (name, _) in Self.shapes(hidden: head.hidden, channels: head.channels) where name != "folded" {
            tensors[name] = head[name]
        }
        self.init(hidden: head.hidden, channels: head.channels, tensors: tensors)
    }

    /// The shapes of the tensors by name: those of the head, and its projection as `ZeroShotHead.folded` has it.
    package static func shapes(hidden: Int, channels: [Int]) -> [(name: String, shape: [Int])] {
        zip(["s8", "s16", "s32"], channels).map { ("\($0).weight", [hidden, $1]) } + [
            ("rarity.weight", [hidden, ZeroShotHead.rarities]), ("bias", [hidden]),
            ("folded", [hidden + 1, hidden + 2]),
        ]
    }

    subscript(name: String) -> [Float] { tensors[name] ?? [] }
}
