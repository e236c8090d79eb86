import Imaging
import Kernels
import Testing

/// The camera kernel against its meaning, and every instruction set against the definition.
struct CameraTests {
    @Test("every format comes within one code of a double-precision resize", arguments: PixelFormat.allCases)
    func meaning(format: PixelFormat) throws {
        for geometry in Geometry.all {
            for range in [YUVRange.limited, .full] where range == .limited || format.isYUV {
                let frame = NoiseFrame(format, geometry.frame, padding: 6)
                let reference = CameraReference(frame: frame, geometry: geometry, range: range)
                let plan = try CameraPlan(plain: format, geometry, range: range)
                let tensor = try frame.tensor(plan, .best)
                var worst = 0.0
                for y in 0..<geometry.output.height {
                    for x in 0..<geometry.output.width {
                        let wanted = reference.value(x, y)
                        for c in 0..<3 {
                            let found = Double(tensor[3 * (y * geometry.output.width + x) + c])
                            worst = max(worst, abs(found - wanted[c]))
                        }
                    }
                }
                // Half a code is rounding; the rest is room for float.
                #expect(worst <= 0.51, "\(format) \(geometry)")
            }
        }
    }

    @Test("equals scalar in every format, crop and size", arguments: InstructionSet.available)
    func agreement(instructions: InstructionSet) throws {
        for format in PixelFormat.allCases {
            for (index, geometry) in Geometry.all.enumerated() {
                let frame = NoiseFrame(format, geometry.frame, padding: index % 3, seed: UInt64(index))
                let plan = try CameraPlan(
                    format: format, frame: geometry.frame, crop: geometry.crop, output: geometry.output,
                    range: .limited, scale: SIMD3(1, 0.75, 1.5), offset: SIMD3(0, 10.25, -20))
                let same = try frame.tensor(plan, instructions) == frame.tensor(plan, .named("scalar"))
                #expect(same, "\(format) \(geometry)")
            }
        }
    }

    @Test("sums wider than 32 bits stay exact", arguments: InstructionSet.available)
    func wideSums(instructions: InstructionSet) throws {
        // Lengths without a common divisor with the output: the weights sum to 613 x 457, times 65535.
        let geometry = Geometry((620, 460), (0, 0, 613, 457), (3, 2))
        for format in [PixelFormat.y16, .y16BigEndian] {
            let frame = NoiseFrame(format, geometry.frame)
            let plan = try CameraPlan(plain: format, geometry)
            let same = try frame.tensor(plan, instructions) == frame.tensor(plan, .named("scalar"))
            #expect(same, "\(format)")
        }
    }

    @Test("rows can be shared out in any way", arguments: InstructionSet.available)
    func sharing(instructions: InstructionSet) throws {
        let geometry = Geometry((128, 72), (1, 1, 120, 70), (23, 19))
        let frame = NoiseFrame(.nv12, geometry.frame)
        let plan = try CameraPlan(plain: .nv12, geometry)
        let whole = try frame.tensor(plan, instructions)
        var parts = [UInt8](repeating: 0, count: plan.outputByteCount)
        try unsafe frame.bytes.withUnsafeBytes { bytes in
            let view = try unsafe ImageView(
                unsafeBytes: bytes, format: .nv12, size: geometry.frame, bytesPerRow: frame.bytesPerRow)
            unsafe parts.withUnsafeMutableBytes { target in
                let scratch = UnsafeMutableRawBufferPointer.allocate(
                    byteCount: plan.scratchByteCount, alignment: 64)
                defer { unsafe scratch.deallocate() }
                for rows in [7..<19, 0..<1, 1..<1, 1..<7] {
                    unsafe plan.convert(
                        view, rows: rows, into: target, scratch: scratch, with: KernelTable(instructions))
                }
            }
        }
        #expect(parts == whole)
    }

    @Test("black, white and grey come out as 0, 255 and themselves", arguments: InstructionSet.available)
    func flatPictures(instructions: InstructionSet) throws {
        let geometry = Geometry((64, 48), (0, 0, 64, 48), (20, 20))
        for level in [UInt8(0), 1, 77, 128, 254, 255] {
            for format in [PixelFormat.grey, .rgb24, .bgr24, .bayerRGGB8, .y16] {
                let tensor = try NoiseFrame(format, geometry.frame, flat: level)
                    .tensor(CameraPlan(plain: format, geometry), instructions)
                #expect(tensor.allSatisfy { $0 == level }, "\(format) \(level)")
            }
        }
    }
}

extension PixelFormat {
    /// Whether a colour range means anything for it.
    var isYUV: Bool { [.yuyv, .uyvy, .nv12, .nv16].contains(self) }
}

extension NoiseFrame {
    /// Every byte is `level`.
    init(_ format: PixelFormat, _ size: Size, flat level: UInt8) {
        self.format = format
        self.size = size
        bytesPerRow = format.minimumBytesPerRow(width: size.width)
        bytes = Array(
            repeating: level, count: format.byteCount(height: size.height, bytesPerRow: bytesPerRow))
    }
}
