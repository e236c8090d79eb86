import ArgumentParser
import Capture
import Imaging
import Platform

/// `linewatch camera snap`: one frame of a camera as a file.
struct CameraSnap: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snap",
        abstract: "Takes one frame of a camera as a PNG file, as its raw bytes, or both.",
        discussion: """
            GREY becomes a grey PNG with the very same values; every other format one of R G B with 8 bits, \
            Bayer by interpolation of its colours. Of a camera that a running daemon has, it is the newest frame, \
            as a PNG only.
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

    @Flag(help: "Print one JSON document about the frame.")
    var json = false

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
        let target = try options.target()
        if let held = try options.held(target) { return try take(from: held) }
        do {
            try take(target)
        } catch VideoError.busy(let path, let call, let holders) {
            let busy = VideoError.busy(path: path, call: call, holders: holders)
            try take(from: options.holder(of: path, busy: busy))
        }
    }

    private func take(from held: HeldCamera) throws {
        guard let output, raw == nil, skip == 0 else {
            throw CommandFailure(
                "The daemon has \(held.label) and gives its newest frame as a PNG: use -o alone, or stop the "
                    + "daemon first.")
        }
        try writeAtomically(output, try held.daemon.snap(held.entry.id))
        try say(
            Report(
                file: output, camera: held.entry.id, format: held.entry.text("format"),
                width: held.entry.count("width"), height: held.entry.count("height")))
    }

    private func take(_ target: CameraTarget) throws {
        var camera = try CameraChoice(target, options)
        let deadline = MonotonicClock.now + timeout * 1_000_000_000
        var left = skip
        waiting: while MonotonicClock.now < deadline {
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
            case .ended: break waiting
            default: continue
            }
        }
        if let damage = camera.recording?.damage { throw damage }
        throw SnapError.noFrame(camera: options.camera, seconds: timeout)
    }

    private func write(_ frame: borrowing Frame) throws {
        if let raw {
            var file = try FileReplacement(of: raw)
            try frame.withBytes { (bytes) throws(PlatformError) in try file.append(bytes) }
            try file.commit()
        }
        if let output {
            guard let view = frame.view else {
                throw SnapError.short(bytes: Int(frame.header.bytesUsed), format: frame.format)
            }
            try writeAtomically(output, try FramePicture.shown(view))
        }
        var report = Report(
            file: output, format: frame.format.pixelFormat.rawValue, width: frame.format.size.width,
            height: frame.format.size.height)
        (report.raw, report.sequence) = (raw, frame.header.sequence)
        try say(report)
    }

    private func say(_ report: Report) throws {
        if json { print(try jsonText(report)) }
    }

    private struct Report: Encodable {
        let schema = "linewatch.camera.snap/1"
        var file: String?
        /// Its number, where the daemon took it.
        var camera: Int?
        var raw: String?
        let format: String
        let width, height: Int
        var sequence: UInt32?

        init(file: String?, camera: Int? = nil, format: String, width: Int, height: Int) {
            (self.file, self.camera, self.format) = (file, camera, format)
            (self.width, self.height) = (width, height)
        }
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
