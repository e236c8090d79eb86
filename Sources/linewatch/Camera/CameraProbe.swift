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
            between frames.
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
        var camera = V4L2Camera(try options.settings())
        try camera.openNow()
        let formats = camera.offeredFormats()
        guard let negotiation = camera.negotiation, let device = camera.device else { return }
        var meter = RateMeter()
        // Time begins with the first frame: how long a sensor takes to start is no matter of its rate.
        var end = MonotonicClock.now + 10 * 1_000_000_000
        while MonotonicClock.now < end {
            switch camera.next(timeoutMilliseconds: 100) {
            case .frame(let frame):
                if meter.frameCount == 0 { end = MonotonicClock.now + seconds * 1_000_000_000 }
                meter.add(frame.header)
            case .refused(let header):
                meter.add(header)
            case .transition(let transition):
                if transition.to == .lost || transition.to == .backoff, let error = camera.lastError {
                    throw error
                }
            default: continue
            }
        }
        let report = ProbeReport(
            device: device, negotiation: negotiation, formats: formats, meter: meter,
            refused: Int(camera.refusedCount))
        print(json ? try jsonText(report) : report.text)
    }
}
