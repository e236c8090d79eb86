internal import Imaging
internal import Inference
internal import Kernels
internal import ModelPackages

/// A second look at a part of a picture, four times as large: what kind of defect something is lies in strokes that are
/// finer than the patches which find it. Allocates nothing after it was made; for the thread of its detector.
@safe
final class CloseLook {
    /// The side of the part in pixels of the picture, and of the network's input.
    static let window = 32
    static let side = window * magnification
    private static let magnification = 4

    let trunk: PatchTrunk
    private let extent: Size
    private var picture: [UInt8]

    /// Looks at pictures of `extent` with the trunk in `package`, with `float` in float32. Blocks. Throws what `PatchTrunk`
    /// throws.
    ///
    /// - Precondition: a window fits.
    init(
        _ package: ModelPackage, extent: Size, float: FloatSource?, kernels: KernelTable, pool: TensorPool
    ) throws(ModelError) {
        precondition(min(extent.width, extent.height) >= Self.window, "\(extent)")
        trunk = try PatchTrunk(
            package, size: Size(width: Self.side, height: Self.side), float: float, kernels: kernels,
            pool: pool)
        self.extent = extent
        picture = [UInt8](repeating: 0, count: 3 * extent.pixelCount)
    }

    /// Keeps the picture that lies in the input of `detector`, RGB `[height, width, 3]`: a run overwrites it.
    func keep(_ detector: any ScoredPicture) {
        unsafe detector.withInput { input in
            unsafe picture.withUnsafeMutableBytes { picture in
                // Both hold three bytes for each pixel of `extent`, the detector's size.
                unsafe picture.copyMemory(from: UnsafeRawBufferPointer(input))
            }
        }
    }

    /// Looks at the window whose upper left pixel is `left`, `top`: the patches of `trunk` are then those of it.
    ///
    /// - Precondition: the window lies in the picture.
    func look(left: Int, top: Int) {
        precondition(
            left >= 0 && top >= 0 && left + Self.window <= extent.width && top + Self.window <= extent.height,
            "a window at \(left), \(top) of \(extent)")
        let row = 3 * extent.width
        unsafe trunk.withInput { input in
            var next = 0
            for y in 0..<Self.side {
                let (above, below, down) = Self.neighbours(y, top, extent.height)
                for x in 0..<Self.side {
                    let (before, after, across) = Self.neighbours(x, left, extent.width)
                    for channel in 0..<3 {
                        let upper =
                            Int(picture[above * row + 3 * before + channel]) * (8 - across)
                            + Int(picture[above * row + 3 * after + channel]) * across
                        let lower =
                            Int(picture[below * row + 3 * before + channel]) * (8 - across)
                            + Int(picture[below * row + 3 * after + channel]) * across
                        // Three bytes for each of side x side pixels, as the trunk's input has.
                        unsafe input[next] = UInt8((upper * (8 - down) + lower * down + 32) >> 6)
                        next += 1
                    }
                }
            }
        }
        trunk.run()
    }

    /// The pixels on both sides of the middle of pixel `place` of the input, and the second one's share in eighths.
    @inline(__always)
    private static func neighbours(_ place: Int, _ start: Int, _ length: Int) -> (Int, Int, Int) {
        // In eighths of a pixel: (place + 1/2) / 4 - 1/2.
        let eighths = 2 * place + 1 - magnification
        let whole = start + (eighths >> 3)
        return (max(0, whole), min(whole + 1, length - 1), eighths & 7)
    }
}
