import ArgumentParser
import Capture
import Imaging
import Platform

/// `linewatch camera record`: frames with their headers, without loss, for replay or for people.
struct CameraRecord: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Records frames with their headers, without loss.",
        discussion: """
            Writes FOLDER/frames.lwr, which plays back byte for byte: 'source = "folder"' in the settings. With \
            --png, writes one PNG for each frame and their headers to frames.jsonl instead, for people; GREY, \
            RGB3 and BGR3 only. A camera that a running daemon has cannot be recorded beside it. Ends after \
            --frames or --seconds, whichever comes first, or with a recording.
            """)

    @OptionGroup var options: CameraOptions

    @Option(name: .shortAndLong, help: "The folder to write; made if it is missing.")
    var output: String

    @Option(help: "How many frames to record (1...100000000).")
    var frames: Int?

    @Option(help: "How many seconds to record (1...1000000).")
    var seconds: Int?

    @Flag(help: "Write PNG pictures and headers as JSON Lines instead of one file.")
    var png = false

    @Flag(help: "Print one JSON document at the end instead of a line.")
    var json = false

    func validate() throws {
        if let frames, !(1...100_000_000).contains(frames) {
            throw ValidationError("--frames \(frames) is not in 1...100000000.")
        }
        if let seconds, !(1...1_000_000).contains(seconds) {
            throw ValidationError("--seconds \(seconds) is not in 1...1000000.")
        }
    }

    func run() throws {
        let target = try options.target()
        if let held = try options.held(target) { throw refusal(held) }
        var source: CameraChoice
        do {
            source = try CameraChoice(target, options)
        } catch VideoError.busy(let path, let call, let holders) {
            let busy = VideoError.busy(path: path, call: call, holders: holders)
            throw refusal(try options.holder(of: path, busy: busy))
        }
        var writer = try FrameFiles(folder: output, asPictures: png)
        let deadline = seconds.map { MonotonicClock.now + $0 * 1_000_000_000 } ?? .max
        var report = Report(folder: output)
        recording: while report.frames < frames ?? .max, MonotonicClock.now < deadline {
            switch source.next(timeoutMilliseconds: 100) {
            case .frame(let frame):
                report.lost += Int(frame.header.lostCount)
                try writer.append(frame)
                report.frames += 1
            case .refused: report.refused += 1
            case .transition(let transition):
                // What is wrong with a recording is said at its end.
                if transition.to == .lost, source.recording == nil {
                    say("The camera is lost: \(transition.reason.rawValue).")
                }
            case .nothing: continue
            case .ended: break recording
            }
        }
        source.close()
        report.bytes = writer.byteCount
        try writer.finish()
        if json {
            print(try jsonText(report))
        } else {
            print(report.line)
        }
        // What there was is recorded; that there was more is an error all the same.
        if report.frames < frames ?? .max, let damage = source.recording?.damage, damage.reason != .noEnd {
            throw damage
        }
    }

    private func refusal(_ held: HeldCamera) -> CommandFailure {
        CommandFailure(
            "The daemon has \(held.label), and recording needs it alone. Stop the daemon first, or take single "
                + "frames with 'linewatch camera snap'.")
    }

    private func say(_ message: String) {
        var standardError = StandardError()
        print(message, to: &standardError)
    }

    private struct Report: Encodable {
        let schema = "linewatch.camera.record/1"
        let folder: String
        var frames = 0, lost = 0, refused = 0, bytes = 0
        init(folder: String) { self.folder = folder }

        var line: String {
            "\(frames) frames, \(bytes) bytes in '\(folder)'; \(lost) lost by the driver, \(refused) for lack of "
                + "buffers"
        }
    }
}
