import ArgumentParser
import Imaging
import Kernels
import Platform

/// `linewatch bench camera`: how long a frame takes to become an input tensor, on one thread.
struct BenchCamera: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "camera",
        abstract: "Measures cropping, converting and resizing a camera frame to an input tensor.",
        discussion: "One thread, the instruction set of LINEWATCH_ISA or the best one, a frame of noise."
    )

    @Option(help: "The pixel format, by its V4L2 name. (default: YUYV)", transform: BenchCamera.pixelFormat)
    var format = PixelFormat.yuyv

    @Option(help: "WIDTHxHEIGHT of the frame. (default: 1280x720)", transform: BenchCamera.sides)
    var size = Size(width: 1280, height: 720)

    @Option(
        help: "The side of the input tensor, or its WIDTHxHEIGHT. (default: 224)",
        transform: BenchCamera.sides)
    var output = Size(width: 224, height: 224)

    @Option(help: "How many frames to measure (1...1000000).")
    var frames = 200

    @Flag(help: "Print a line 'ms=<number>' for each frame instead.")
    var eachFrame = false

    @Flag(help: "Print one JSON document instead of a line.")
    var json = false

    func validate() throws {
        guard (1...1_000_000).contains(frames) else {
            throw ValidationError("--frames \(frames) is not in 1...1000000.")
        }
    }

    func run() throws {
        let instructions = try InstructionSet.named(Machine.this.environment["LINEWATCH_ISA"])
        let times = try measured(with: KernelTable(instructions))
        if eachFrame {
            for time in times { print("ms=\(time)") }
            return
        }
        let sorted = times.sorted()
        let minimum = sorted[0], median = sorted[sorted.count / 2]
        if json {
            print(
                """
                {"format": "\(format.rawValue)", "size": "\(size)", "output": "\(output)", \
                "isa": "\(instructions)", "frames": \(frames), "min_ms": \(minimum), "median_ms": \(median)}
                """)
        } else {
            print(
                "\(format.rawValue) \(size) to \(output), \(instructions):",
                "min \(minimum) ms, median \(median) ms")
        }
    }

    /// The milliseconds of every frame, after a tenth as many that do not count.
    private func measured(with kernels: KernelTable) throws -> [Double] {
        let plan = try CameraPlan(
            format: format, frame: size, crop: Region(all: size), output: output, range: .limited,
            scale: SIMD3(repeating: 1), offset: .zero)
        let bytesPerRow = format.minimumBytesPerRow(width: size.width)
        var state: UInt64 = 1
        let pixels: [UInt8] = (0..<format.byteCount(height: size.height, bytesPerRow: bytesPerRow)).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(state >> 56)
        }
        let tensor = UnsafeMutableRawBufferPointer.allocate(byteCount: plan.outputByteCount, alignment: 64)
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: plan.scratchByteCount, alignment: 64)
        defer {
            unsafe tensor.deallocate()
            unsafe scratch.deallocate()
        }
        return try unsafe pixels.withUnsafeBytes { bytes in
            let image = try unsafe ImageView(
                unsafeBytes: bytes, format: format, size: size, bytesPerRow: bytesPerRow)
            var times: [Double] = []
            for frame in 0..<(frames + frames / 10) {
                let start = MonotonicClock.now
                unsafe plan.convert(
                    image, rows: 0..<output.height, into: tensor, scratch: scratch, with: kernels)
                if frame >= frames / 10 { times.append(Double(MonotonicClock.now - start) / 1e6) }
            }
            return times
        }
    }
}

extension BenchCamera {
    private static func pixelFormat(_ name: String) throws -> PixelFormat {
        guard let format = PixelFormat(rawValue: name) else {
            let names = PixelFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("'\(name)' is no pixel format. Choose one of: \(names).")
        }
        return format
    }

    /// Reads `1280x720`, or `224` for a square.
    private static func sides(_ text: String) throws -> Size {
        let sides = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        guard sides.count <= 2, let width = sides[0], let height = sides[sides.count - 1],
            case let size = Size(width: width, height: height), size.isValid
        else {
            throw ValidationError("'\(text)' is no size. Write WIDTHxHEIGHT, each 1...\(Size.maximumSide).")
        }
        return size
    }
}
