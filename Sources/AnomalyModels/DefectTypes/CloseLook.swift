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
    /// Rows of the window as wide as the input, in eighths: `[window + 2, side, 3]`.
    private var widened: [UInt16]

    private static let rowLength = 3 * side

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
        widened = [UInt16](repeating: 0, count: (Self.window + 2) * Self.rowLength)
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
        widen(left: left, top: top)
        unsafe trunk.withInput { input in
            for y in 0..<Self.side {
                let (row, down) = Self.place(y), start = (row + 1) * Self.rowLength
                unsafe widened.withUnsafeBufferPointer { widened in
                    // Rows -1 to 32 of the window, of which `row` is one up to 31; the input has `side` rows as long.
                    let upper = unsafe widened.baseAddress! + start, lower = unsafe upper + Self.rowLength
                    let (own, other) = (UInt16(8 - down), UInt16(down))
                    let target = unsafe input.baseAddress! + y * Self.rowLength
                    for index in 0..<Self.rowLength {
                        let sum = unsafe upper[index] &* own &+ lower[index] &* other &+ 32
                        unsafe target.storeBytes(
                            of: UInt8(truncatingIfNeeded: sum &>> 6), toByteOffset: index, as: UInt8.self)
                    }
                }
            }
        }
        trunk.run()
    }

    /// Fills `widened`: a row beyond the window on both sides, as far as the picture has one, else its last.
    private func widen(left: Int, top: Int) {
        let row = 3 * extent.width
        for number in 0..<Self.window + 2 {
            let start = max(0, min(top + number - 1, extent.height - 1)) * row
            for x in 0..<Self.side {
                let (column, across) = Self.place(x)
                let before = start + 3 * max(0, left + column)
                let after = start + 3 * min(left + column + 1, extent.width - 1)
                let target = number * Self.rowLength + 3 * x
                for channel in 0..<3 {
                    widened[target + channel] =
                        UInt16(picture[before + channel]) &* UInt16(8 - across)
                        &+ UInt16(picture[after + channel]) &* UInt16(across)
                }
            }
        }
    }

    /// The pixel of the window before the middle of pixel `place` of the input, -1 for the one in front of it, and the share
    /// of the next one in eighths.
    @inline(__always)
    private static func place(_ place: Int) -> (Int, Int) {
        // In eighths of a pixel: (place + 1/2) / 4 - 1/2.
        let eighths = 2 * place + 1 - magnification
        return (eighths >> 3, eighths & 7)
    }
}
