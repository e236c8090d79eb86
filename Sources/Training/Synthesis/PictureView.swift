public import Imaging

/// The last geometric change before a network sees a picture: a part of it, mirrored and turned by quarters, scaled
/// to the size of the whole.
public struct PictureView: Hashable, Sendable {
    /// The part that is seen.
    public let crop: Region
    /// Whether left and right change places.
    public let isMirrored: Bool
    /// Quarter turns after that, 0...3; 0 or 2 where the picture is not a square.
    public let quarterTurns: Int

    /// - Precondition: `quarterTurns` is 0...3.
    public init(crop: Region, isMirrored: Bool, quarterTurns: Int) {
        precondition(0...3 ~= quarterTurns, "\(quarterTurns) quarter turns")
        (self.crop, self.isMirrored, self.quarterTurns) = (crop, isMirrored, quarterTurns)
    }

    /// A view of a picture of `size`: each way to mirror and turn it as likely as any other, the sides of the part
    /// at least `smallestShare` of the picture's.
    ///
    /// - Precondition: `size` is valid, `smallestShare` in 0...1.
    public static func drawn(
        for size: Size, smallestShare: Float, _ random: inout CounterRandom
    ) -> PictureView {
        let share = random.uniform(smallestShare, 1)
        let width = max(1, Int(Float(size.width) * share)), height = max(1, Int(Float(size.height) * share))
        let crop = Region(
            x: random.whole(0...size.width - width), y: random.whole(0...size.height - height), width: width,
            height: height)
        let turns = size.width == size.height ? random.whole(0...3) : 2 * random.whole(0...1)
        return PictureView(crop: crop, isMirrored: random.chance(0.5), quarterTurns: turns)
    }

    /// Where the view shows the picture: pixel (x, y) of the view is `origin` + x `across` + y `down`.
    fileprivate func placing(in size: Size) -> (
        across: SIMD2<Float>, down: SIMD2<Float>, origin: SIMD2<Float>
    ) {
        precondition(crop.isContained(in: size), "a view of \(crop) of \(size)")
        let sides = SIMD2(Float(crop.width), Float(crop.height))
        /// Of a point of the view in -0.5...0.5.
        func place(_ x: Float, _ y: Float) -> SIMD2<Float> {
            var point = SIMD2(x / Float(size.width), y / Float(size.height))
            for _ in 0..<quarterTurns { point = SIMD2(point.y, -point.x) }
            if isMirrored { point.x = -point.x }
            return point * sides
        }
        let middle = SIMD2(Float(crop.x), Float(crop.y)) + (sides - 1) / 2
        let corner = place(-Float(size.width - 1) / 2, -Float(size.height - 1) / 2)
        return (place(1, 0), place(0, 1), middle + corner)
    }
}

extension Picture {
    /// The picture as `view` shows it, in the size of the whole, bilinear.
    ///
    /// - Precondition: the view's crop lies inside.
    public func seen(in view: PictureView) -> Picture {
        let (across, down, origin) = view.placing(in: size)
        return warped(to: size, across: across, down: down, origin: origin)
    }
}

extension PixelMask {
    /// The mask as `view` shows it, in the size of the whole: the nearest pixel.
    ///
    /// - Precondition: the view's crop lies inside.
    public func seen(in view: PictureView) -> PixelMask {
        let (across, down, origin) = view.placing(in: size)
        var result = [Bool](repeating: false, count: pixels.count)
        for y in 0..<size.height {
            let start = origin + down * Float(y)
            for x in 0..<size.width {
                let place = start + across * Float(x)
                let column = min(max(Picture.floor(place.x + 0.5), 0), size.width - 1)
                let row = min(max(Picture.floor(place.y + 0.5), 0), size.height - 1)
                result[y * size.width + x] = pixels[row * size.width + column]
            }
        }
        return PixelMask(size: size, pixels: result)
    }
}

extension SyntheticAnomaly {
    /// The anomaly as `view` shows it; nil if fewer than ten of its pixels are left.
    ///
    /// - Precondition: the view's crop lies inside.
    public func seen(in view: PictureView) -> SyntheticAnomaly? {
        let mask = mask.seen(in: view)
        guard mask.count >= Synthesizer.Guard.smallestCount else { return nil }
        return SyntheticAnomaly(
            recipe: recipe, picture: picture.seen(in: view), mask: mask, drawCount: drawCount)
    }
}
