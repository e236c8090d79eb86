import ArgumentParser
import Capture
import Imaging
import Kernels
import Platform

/// `linewatch camera snap`: one frame of a camera as a file.
struct CameraSnap: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snap",
        abstract: "Takes one frame of a camera as a PNG file, as its raw bytes, or both.",
        discussion: """
            GREY becomes a grey PNG with the very same values; every other format one of R G B with 8 bits, \
            Bayer by interpolation of its colours.
            """)

    @OptionGroup var options: CameraOptions

    @Option(name: [.short, .long], help: "The PNG file to write.")
    var output: String?

    @Option(help: "The file for the bytes as the driver gave them; of MJPG and converted formats, RGB3.")
    var raw: String?

    @Option(help: "Frames to let pass first, for exposure to settle (0...10000).")
    var skip = 0

    @Option(help: "Seconds to wait for the frame (1...3600).")
    var timeout = 10

    func validate() throws {
        guard output != nil || raw != nil else {
            throw ValidationError("Name a file: -o FILE or --raw FILE.")
        }
        guard (0...10_000).contains(skip) else {
            throw ValidationError("--skip \(skip) is not in 0...10000.")
        }
        guard (1...3600).contains(timeout) else {
            throw ValidationError("--timeout \(timeout) is not in 1...3600.")
        }
    }

    func run() throws {
        var camera = V4L2Camera(try options.settings())
        try camera.openNow()
        let deadline = MonotonicClock.now + timeout * 1_000_000_000
        var left = skip
        while MonotonicClock.now < deadline {
            switch camera.next(timeoutMilliseconds: 100) {
            case .frame(let frame):
                // A damaged frame is not the one to show.
                guard left <= 0, !frame.header.hasError else {
                    left -= 1
                    continue
                }
                return try write(frame)
            case .transition(let transition):
                if transition.to == .lost || transition.to == .backoff, let error = camera.lastError {
                    throw error
                }
            default: continue
            }
        }
        throw SnapError.noFrame(camera: options.camera, seconds: timeout)
    }

    private func write(_ frame: borrowing Frame) throws {
        if let raw {
            var file = try FileReplacement(of: raw)
            try frame.withBytes { (bytes) throws(PlatformError) in try file.append(bytes) }
            try file.commit()
        }
        guard let output else { return }
        guard let view = frame.view else {
            throw SnapError.short(bytes: Int(frame.header.bytesUsed), format: frame.format)
        }
        try writeAtomically(output, try CameraSnap.png(of: view))
    }

    /// The PNG file of a frame.
    private static func png(of view: ImageView) throws -> [UInt8] {
        guard view.format != .grey else {
            var pixels: [UInt8] = []
            pixels.reserveCapacity(view.size.pixelCount)
            for row in 0..<view.size.height {
                unsafe pixels.append(
                    contentsOf: view.bytes[row * view.bytesPerRow..<row * view.bytesPerRow + view.size.width])
            }
            return try GreyImage(size: view.size, pixels: pixels).encodedAsPNG()
        }
        let plan = try CameraPlan(
            format: view.format, frame: view.size, crop: Region(all: view.size), output: view.size,
            range: .limited, scale: SIMD3(repeating: 1), offset: .zero)
        let kernels = KernelTable(try InstructionSet.named(Machine.this.environment["LINEWATCH_ISA"]))
        return try RGBImage(size: view.size, pixels: plan.tensor(of: view, with: kernels)).encodedAsPNG()
    }
}

/// Why no picture was taken.
enum SnapError: Error, CustomStringConvertible {
    case noFrame(camera: String, seconds: Int)
    case short(bytes: Int, format: StreamFormat)

    var description: String {
        switch self {
        case .noFrame(let camera, let seconds):
            "'\(camera)' sent no frame within \(seconds) s. Check its trigger, or wait longer with --timeout."
        case .short(let bytes, let format):
            "the frame has \(bytes) bytes, too few for \(format.pixelFormat.rawValue) \(format.size). Try again."
        }
    }
}
