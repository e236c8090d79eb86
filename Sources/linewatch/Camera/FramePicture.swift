import Imaging
import Kernels

/// A frame as the bytes of a PNG file.
enum FramePicture {
    /// The very same values: GREY as one channel, RGB3 and BGR3 as R G B; nil of any other format, which has no
    /// PNG without loss. Throws what the encoder says.
    static func lossless(_ view: ImageView) throws -> [UInt8]? {
        switch view.format {
        case .grey: try GreyImage(size: view.size, pixels: rows(of: view, bytesPerPixel: 1)).encodedAsPNG()
        case .rgb24: try RGBImage(size: view.size, pixels: rows(of: view, bytesPerPixel: 3)).encodedAsPNG()
        case .bgr24:
            try RGBImage(size: view.size, pixels: reversed(rows(of: view, bytesPerPixel: 3))).encodedAsPNG()
        default: nil
        }
    }

    /// For people: without loss where that can be, else R G B with 8 bits, Bayer by interpolation of its colours.
    static func shown(_ view: ImageView) throws -> [UInt8] {
        if let file = try lossless(view) { return file }
        let plan = try CameraPlan(
            format: view.format, frame: view.size, crop: Region(all: view.size), output: view.size,
            range: .limited, scale: SIMD3(repeating: 1), offset: .zero)
        let kernels = KernelTable(try InstructionSet.named(Machine.this.environment["LINEWATCH_ISA"]))
        return try RGBImage(size: view.size, pixels: plan.tensor(of: view, with: kernels)).encodedAsPNG()
    }

    /// The pixels without the padding of their rows.
    private static func rows(of view: ImageView, bytesPerPixel: Int) -> [UInt8] {
        var pixels: [UInt8] = []
        pixels.reserveCapacity(view.size.pixelCount * bytesPerPixel)
        for row in 0..<view.size.height {
            let start = row * view.bytesPerRow
            // Inside the view, by its invariant.
            unsafe pixels.append(
                contentsOf: view.bytes[start..<start + view.size.width * bytesPerPixel])
        }
        return pixels
    }

    private static func reversed(_ pixels: [UInt8]) -> [UInt8] {
        var pixels = pixels
        for start in stride(from: 0, to: pixels.count, by: 3) { pixels.swapAt(start, start + 2) }
        return pixels
    }
}
