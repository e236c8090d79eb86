import ArgumentParser
import Capture
import Imaging
import Platform

/// `linewatch camera probe`: what a camera delivers, and what it could.
struct CameraProbe: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "Measures a camera's rate, jitter and drops, and says what it would take to do better.",
        discussion: """
            Rate and jitter are of the driver's time stamps; jitter is the standard deviation of the time \
            between frames. A camera that a running daemon has is measured by the daemon, for five seconds.
            """)

    @OptionGroup var options: CameraOptions

    @Option(help: "How long to measure (1...3600).")
    var seconds = 5

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        guard (1...3600).contains(seconds) else {
            throw ValidationError("--seconds \(seconds) is not in 1...3600.")
        }
    }

    func run() throws {
        let target = try options.target()
        if let held = try options.held(target) { return try show(held) }
        do {
            try measure(target)
        } catch VideoError.busy(let path, let call, let holders) {
            let busy = VideoError.busy(path: path, call: call, holders: holders)
            try show(options.holder(of: path, busy: busy))
        }
    }

    private func show(_ held: HeldCamera) throws {
        let report = HeldProbeReport(held, try held.daemon.probe(held.entry.id))
        print(json ? try jsonText(report) : report.text)
    }

    private func measure(_ target: CameraTarget) throws {
        var camera = try CameraChoice(target, options)
        let found = camera.probed
        var meter = RateMeter()
        var refused = 0
        // Time begins with the first frame: how long a sensor takes to start is no matter of its rate.
        var end = MonotonicClock.now + 10 * 1_000_000_000
        measuring: while MonotonicClock.now < end {
            switch camera.next(timeoutMilliseconds: 100) {
            case .frame(let frame):
                if meter.frameCount == 0 { end = MonotonicClock.now + seconds * 1_000_000_000 }
                meter.add(frame.header)
            case .refused(let header):
                meter.add(header)
                refused += 1
            case .transition(let transition):
                if transition.to == .lost || transition.to == .backoff, let error = camera.lastError {
                    throw error
                }
            case .ended: break measuring
            case .nothing: continue
            }
        }
        let report: ProbeReport
        if let found {
            report = ProbeReport(
                device: found.device, negotiation: found.negotiation, formats: found.formats, meter: meter,
                refused: refused)
        } else {
            guard let format = camera.format else {
                throw CommandFailure("'\(options.camera)' has no frame.")
            }
            report = ProbeReport(source: options.camera, format: format, meter: meter, refused: refused)
        }
        print(json ? try jsonText(report) : report.text)
        if let damage = camera.recording?.damage, damage.reason != .noEnd { throw damage }
    }
}

/// What a running daemon says of a camera that it has: the same document, as far as the daemon tells.
struct HeldProbeReport: Encodable {
    let schema = "linewatch.camera.probe/1"
    let camera: Int
    let name, node, format: String
    let width, height, frames, dropped: Int
    let fps, jitterMilliseconds, seconds: Double
    let advice: [String]

    enum CodingKeys: String, CodingKey {
        case schema, camera, name, node, format, width, height, frames, dropped, fps, seconds, advice
        case jitterMilliseconds = "jitter_ms"
    }

    init(_ held: HeldCamera, _ answer: DaemonCameras.Entry) {
        (camera, name, node) = (held.entry.id, held.entry.name, held.entry.device)
        format = answer.text("format")
        (width, height) = (answer.count("width"), answer.count("height"))
        (frames, dropped) = (answer.count("frames"), answer.count("dropped"))
        (fps, jitterMilliseconds) = (answer.number("fps"), answer.number("jitter_ms"))
        seconds = answer.number("seconds")
        advice = [answer.text("advice")].filter { !$0.isEmpty }
    }

    var text: String {
        let label = name.isEmpty ? "camera \(camera)" : "camera \(camera) '\(name)'"
        let lines = [
            "\(label)  \(node.isEmpty ? "" : node + ", ")measured by the daemon",
            "  \(format) \(width)x\(height)",
            "  \(decimals(fps, 2)) frames/s, jitter \(decimals(jitterMilliseconds, 2)) ms",
            "  \(frames) frames in \(decimals(seconds, 1)) s, \(dropped) dropped",
        ]
        return (lines + advice.map { "  do: \($0)" }).joined(separator: "\n")
    }
}
