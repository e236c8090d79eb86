/// VTFusion's learned part for one product (METHODS.md 4.3, VTF-E; a reconstruction: only the abstract of the paper
/// is public): image adapters and a segmentation network, whose logit is added to the map of the nearest patches.
///
/// For a patch of tap t with the unit vector q, n the nearest of the good parts and e = (d, s, r, f) its evidence
/// (distance, rarity of n, rarity of q, and the three joined):
///
///     A_t(v) = S_t v + c_t + 0.4 * U_t ReLU(D_t v + b_t)           image adapter        [width]
///     h      = ReLU(Σ_t W_t [A_t(q); |A_t(q) - A_t(n)|; e] + b)    at the finest grid   [hidden]
///     h      = h + ReLU(P ReLU(depthwise 3 x 3 of h) + b)          for each mixer
///     map    = nearest patches and rarity + weight * (w h + b - centre)
///
/// Coarser taps are brought to the finest grid bilinearly behind W_t. The tap of stride 32 has no adapter: of it e
/// alone counts. With `weight` 0 the map is as it was. A head with a `FusionBlock` has its Y in the place of A_t(q).
package struct SegmentationHead: Sendable, Hashable {
    /// Numbers of an adapted patch, and of the adapter's bottleneck, on the trunk of a convolutional network: each of its
    /// taps has few enough directions that matter. A head has its own: see `width`.
    package static let embedding = 16
    /// Those on the tower of a CLIP, whose tokens are wider: a third of those, up to 256 (METHODS.md 4.3, VTF-R).
    package static func embedding(ofTokens channels: Int) -> Int { max(16, min(256, channels / 3 / 16 * 16)) }
    /// Those of a head that is made for patches of `taps`.
    package static func width(on taps: [PatchTap]) -> Int {
        taps[0].tokens > 0 ? embedding(ofTokens: taps[0].channels) : embedding
    }
    /// What a head may have.
    package static let widths = 16...256
    package static let hidden = 32
    /// Distance, rarity of the nearest, own rarity, all joined.
    package static let evidence = 4
    package static let mixers = 1
    /// How much the bottleneck counts.
    package static let residual: Float = 0.4
    /// Taps with an adapter, finest first.
    package static let adaptedTaps = ["s8", "s16"]
    package static let taps = ["s8", "s16", "s32"]

    /// Channels of the adapted taps.
    package let channels: [Int]
    /// Numbers of an adapted patch: a multiple of 16.
    package let width: Int
    /// By name; see `shapes`.
    package let tensors: [String: [Float]]
    /// What a logit counts in the map, and the usual logit of good patches.
    package let weight: Float
    package let centre: Float

    /// - Precondition: `tensors` are as `shapes` says.
    package init(channels: [Int], tensors: [String: [Float]], weight: Float, centre: Float) {
        let width = Self.width(of: tensors)
        precondition(Self.isWidth(width), "\(width) numbers of an adapted patch")
        for (name, shape) in Self.shapes(
            channels: channels, width: width, block: FusionBlock.kind { tensors[$0] != nil })
        {
            precondition(tensors[name]?.count == shape.reduce(1, *), "tensor '\(name)' of another shape")
        }
        (self.channels, self.width, self.tensors) = (channels, width, tensors)
        (self.weight, self.centre) = (weight, centre)
    }

    package var block: FusionBlock.Kind? { FusionBlock.kind { tensors[$0] != nil } }

    /// The numbers of an adapted patch of a head of `tensors`.
    static func width(of tensors: [String: [Float]]) -> Int {
        tensors["adapter.\(adaptedTaps[0]).skip.bias"]?.count ?? 0
    }

    /// Whether a head can have so many: its passes take sixteen at a time.
    package static func isWidth(_ width: Int) -> Bool { widths ~= width && width.isMultiple(of: 16) }

    /// The shapes of the tensors by name, with those of a `FusionBlock` or without; matrices have a row for each output.
    package static func shapes(
        channels: [Int], width: Int = embedding, block: FusionBlock.Kind? = nil
    ) -> [(name: String, shape: [Int])] {
        let adapters = zip(adaptedTaps, channels).flatMap { tap, count in
            [
                ("adapter.\(tap).skip", [width, count]), ("adapter.\(tap).skip.bias", [width]),
                ("adapter.\(tap).down", [width, count]), ("adapter.\(tap).down.bias", [width]),
                ("adapter.\(tap).up", [width, width]),
            ]
        }
        let mix = (0..<mixers).flatMap { index in
            [
                ("mix.\(index).depth", [3, 3, hidden]), ("mix.\(index).depth.bias", [hidden]),
                ("mix.\(index).point", [hidden, hidden]), ("mix.\(index).point.bias", [hidden]),
            ]
        }
        let inputs = taps.map { ("input.\($0)", [hidden, inputWidth($0, width)]) }
        return adapters + inputs + [("input.bias", [hidden])]
            + mix + [("output", [1, hidden]), ("output.bias", [1])]
            + (block.map { FusionBlock.shapes(width: blockWidth(width), $0) } ?? [])
    }

    /// Inputs of `tap` for each patch, for adapted patches of `width` numbers.
    package static func inputWidth(_ tap: String, _ width: Int = embedding) -> Int {
        (adaptedTaps.contains(tap) ? 2 * width : 0) + evidence
    }

    /// Numbers of a patch in a fusion block: those of all adapted taps.
    package static func blockWidth(_ width: Int) -> Int { adaptedTaps.count * width }

    subscript(name: String) -> [Float] { tensors[name] ?? [] }
}
