import Imaging
import Kernels
import Platform

extension SplitMix64 {
    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }
}

/// A frame of noise with rows further apart than they need to be.
struct NoiseFrame {
    let format: PixelFormat
    let size: Size
    let bytesPerRow: Int
    let bytes: [UInt8]

    init(_ format: PixelFormat, _ size: Size, padding: Int = 0, seed: UInt64 = 1) {
        self.format = format
        self.size = size
        bytesPerRow = format.minimumBytesPerRow(width: size.width) + padding
        var noise = SplitMix64(seed: seed)
        bytes = noise.bytes(format.byteCount(height: size.height, bytesPerRow: bytesPerRow))
    }

    /// What `plan` makes of it on `instructions`.
    func tensor(_ plan: CameraPlan, _ instructions: InstructionSet) throws -> [UInt8] {
        try unsafe bytes.withUnsafeBytes { bytes in
            let view = try unsafe ImageView(
                unsafeBytes: bytes, format: format, size: size, bytesPerRow: bytesPerRow)
            return plan.tensor(of: view, with: KernelTable(instructions))
        }
    }
}

/// One way to cut and resize a frame.
struct Geometry: CustomStringConvertible {
    let frame: Size
    let crop: Region
    let output: Size

    init(_ frame: (Int, Int), _ crop: (Int, Int, Int, Int), _ output: (Int, Int)) {
        self.frame = Size(width: frame.0, height: frame.1)
        self.crop = Region(x: crop.0, y: crop.1, width: crop.2, height: crop.3)
        self.output = Size(width: output.0, height: output.1)
    }

    var description: String { "\(crop) of \(frame) to \(output)" }

    /// Whole and fractional ratios, odd crops, growing axes, single pixels, widths around the vectors'.
    static let all = [
        Geometry((64, 48), (0, 0, 64, 48), (16, 12)),
        Geometry((128, 72), (0, 0, 128, 72), (28, 28)),
        Geometry((130, 74), (1, 3, 127, 71), (30, 17)),
        Geometry((40, 30), (5, 7, 31, 19), (31, 19)),
        Geometry((40, 30), (3, 2, 23, 17), (16, 12)),
        Geometry((20, 16), (3, 1, 13, 11), (33, 29)),
        Geometry((20, 16), (1, 1, 9, 12), (32, 3)),
        Geometry((20, 16), (1, 0, 18, 5), (7, 15)),
        Geometry((64, 48), (7, 9, 41, 33), (1, 1)),
        Geometry((8, 8), (3, 5, 1, 1), (1, 1)),
        Geometry((8, 8), (7, 7, 1, 1), (5, 3)),
        Geometry((2, 2), (0, 0, 2, 2), (17, 1)),
        Geometry((302, 200), (0, 0, 301, 199), (15, 11)),
        Geometry((302, 200), (2, 1, 300, 199), (64, 7)),
    ]
}

extension CameraPlan {
    /// A plan that leaves the values as they are.
    init(plain format: PixelFormat, _ geometry: Geometry, range: YUVRange = .limited) throws {
        try self.init(
            format: format, frame: geometry.frame, crop: geometry.crop, output: geometry.output, range: range,
            scale: SIMD3(repeating: 1), offset: .zero)
    }
}
