import Foundation

/// A settings file for one camera and one inspection, with what a test wants of it.
struct LinePlan {
    /// Of the simulated camera.
    var framesPerSecond = 20.0
    /// A recording that is played as fast as it is inspected, instead of the simulated camera.
    var recording: URL?
    /// Of the recording: times its own speed, 0 being as fast as it is inspected, and how often, 0 being without end.
    var speed = 0
    var rounds = 1
    var trigger = "free"
    var isArmed = true
    var queue = 4
    /// Milliseconds from trigger to verdict.
    var deadline = 5_000
    /// Milliseconds that a software trigger waits for its frame.
    var frameTimeout = 400
    var ballast = 4
    var pictures = "none"
    /// Further lines of the inspection, then further tables.
    var inspection = ""
    var tables = ""

    var text: String {
        let source =
            recording.map { "source = \"folder\"\nfolder = \"\($0.path)\"" }
            ?? "source = \"simulated\"\nfps = \(framesPerSecond)"
        let further =
            recording == nil
            ? "[camera.simulated]\nsurface = \"cast\""
            : "[camera.replay]\nspeed = \(speed).0\nrounds = \(rounds)"
        return """
            [station]
            id = "T"
            [access]
            admins = ["\(NSUserName())"]
            [clock]
            source = "none"
            [images]
            keep = "\(pictures)"
            [store]
            min_free_mib = 64
            ballast_mib = \(ballast)
            [infer]
            queue = \(queue)
            [[camera]]
            id = 1
            name = "top"
            \(source)
            width = 320
            height = 240
            trigger = "\(trigger)"
            arm = \(isArmed)
            frame_timeout_ms = \(frameTimeout)
            \(further)
            [[inspect]]
            name = "casting"
            camera = 1
            deadline_ms = \(deadline)
            \(inspection)
            \(tables)

            """
    }
}
