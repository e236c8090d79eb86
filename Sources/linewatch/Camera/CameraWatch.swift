import ArgumentParser
import Capture
import FoundationEssentials
import Glibc
import Imaging
import Platform

/// `linewatch camera watch`: a camera's life, one line per event.
struct CameraWatch: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Streams from a camera, through every loss, and prints each change of its state.",
        discussion: """
            Waits for a camera that is not there yet. Counts are since the start; wake_ups are those while \
            it was away. Ends after --seconds, or when interrupted. A camera that a running daemon has is \
            watched through the daemon, five times a second.
            """)

    @OptionGroup var options: CameraOptions

    @Option(help: "When to stop (0...1000000); 0 runs until interrupted.")
    var seconds = 0

    @Option(help: "Seconds between two lines of counts (0...3600); 0 prints none.")
    var every = 10

    @Option(help: "Milliseconds between two questions to a silent device (200...60000).")
    var ping = 2000

    @Flag(help: "Print one JSON object per line.")
    var json = false

    func validate() throws {
        guard (0...1_000_000).contains(seconds) else {
            throw ValidationError("--seconds \(seconds) is not in 0...1000000.")
        }
        guard (0...3600).contains(every) else {
            throw ValidationError("--every \(every) is not in 0...3600.")
        }
        guard (200...60_000).contains(ping) else {
            throw ValidationError("--ping \(ping) is not in 200...60000.")
        }
    }

    /// One line.
    struct Line: Encodable {
        let schema = "linewatch.camera.watch/1"
        var event: String
        let milliseconds: Int
        var from: String?
        var to: String?
        var reason: String?
        var errno: Int?
        var awayMilliseconds: Int?
        var attempts: Int?
        var error: String?
        let frames: Int
        let lost: Int
        let refused: Int
        var damaged: Int?
        var wakeUps: Int?
        var firstSequence: Int?
        var lastSequence: Int?

        enum CodingKeys: String, CodingKey {
            case schema, event, from, to, reason, errno, attempts, error, frames, lost, refused, damaged
            case milliseconds = "time_ms"
            case awayMilliseconds = "away_ms"
            case wakeUps = "wake_ups"
            case firstSequence = "first_sequence"
            case lastSequence = "last_sequence"
        }
    }

    func run() throws {
        let target = try options.target()
        if let held = try options.held(target) { return try follow(held) }
        var settings = try options.settings(of: target)
        settings.pingMilliseconds = Int64(ping)
        var camera = V4L2Camera(settings)
        var meter = RateMeter()
        var sequences: ClosedRange<Int>?
        let start = MonotonicClock.now
        let end = seconds == 0 ? Int.max : start + seconds * 1_000_000_000
        var nextCounts = every == 0 ? Int.max : start + every * 1_000_000_000

        func line(_ event: String, _ camera: borrowing V4L2Camera) -> Line {
            Line(
                event: event, milliseconds: (MonotonicClock.now - start) / 1_000_000,
                frames: meter.frameCount,
                lost: meter.lostCount, refused: Int(camera.refusedCount), damaged: meter.damagedCount,
                wakeUps: Int(camera.wakeUpCount), firstSequence: sequences?.lowerBound,
                lastSequence: sequences?.upperBound)
        }
        while MonotonicClock.now < end {
            let now = MonotonicClock.now
            if now >= nextCounts {
                try show(line("counts", camera))
                nextCounts = now + every * 1_000_000_000
            }
            let patience = (min(end, nextCounts, now + 3_600_000_000_000) - now) / 1_000_000 + 1
            switch camera.next(timeoutMilliseconds: Int32(patience)) {
            case .frame(let frame):
                meter.add(frame.header)
                let sequence = Int(frame.header.sequence)
                sequences = min(sequences?.lowerBound ?? sequence, sequence)...sequence
            case .refused(let header):
                meter.add(header)
            case .transition(let transition):
                if transition.to == .opening { sequences = nil }
                if case .busy(let path, _, _)? = camera.lastError, transition.to == .backoff,
                    let error = camera.lastError, let held = try? options.holder(of: path, busy: error)
                {
                    return try follow(held)
                }
                var line = line("transition", camera)
                (line.from, line.to) = (transition.from.rawValue, transition.to.rawValue)
                line.reason = transition.reason.rawValue
                line.errno = transition.errno == 0 ? nil : Int(transition.errno)
                line.awayMilliseconds =
                    transition.awayMilliseconds == 0 ? nil : Int(transition.awayMilliseconds)
                line.attempts = transition.attemptCount == 0 ? nil : Int(transition.attemptCount)
                let isTrouble = transition.to != .opening
                line.error = isTrouble ? camera.lastError.map { "\($0)" } : nil
                try show(line)
            case .nothing: continue
            case .ended: return
            }
        }
        try show(line("end", camera))
    }

    /// Asks the daemon for `held` again and again, and prints each change of its state.
    private func follow(_ held: HeldCamera) throws {
        let start = MonotonicClock.now
        let end = seconds == 0 ? Int.max : start + seconds * 1_000_000_000
        var nextCounts = every == 0 ? Int.max : start + every * 1_000_000_000
        var state = ""
        func line(_ event: String, _ entry: DaemonCameras.Entry) -> Line {
            Line(
                event: event, milliseconds: (MonotonicClock.now - start) / 1_000_000,
                frames: entry.count("frames"), lost: entry.count("lost"), refused: entry.count("refused"))
        }
        while true {
            guard let entry = try held.daemon.list().first(where: { $0.id == held.entry.id }) else {
                throw CommandFailure("The daemon has no \(held.label) any more: its settings were changed.")
            }
            if entry.state != state {
                var change = line("transition", entry)
                (change.from, change.to, change.reason) = (state, entry.state, entry.text("reason"))
                try show(change)
                state = entry.state
            }
            let now = MonotonicClock.now
            if now >= nextCounts {
                try show(line("counts", entry))
                nextCounts = now + every * 1_000_000_000
            }
            guard now < end else { return try show(line("end", entry)) }
            MonotonicClock.sleep(nanoseconds: min(200_000_000, end - now))
        }
    }

    /// Prints at once: whoever reads a pipe wants to see a loss when it happens.
    private func show(_ line: Line) throws {
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            print(String(decoding: try encoder.encode(line), as: UTF8.self))
        } else {
            let change = line.to.map { "\(line.from ?? "") -> \($0) (\(line.reason ?? ""))" } ?? line.event
            let away = line.awayMilliseconds.map { ", away \($0) ms" } ?? ""
            let counts = "\(line.frames) frames, \(line.lost) lost, \(line.refused) refused"
            print("\(decimals(Double(line.milliseconds) / 1000, 3)) s  \(change)\(away): \(counts)")
            if let error = line.error { print("    \(error)") }
        }
        fflush(nil)
    }
}
