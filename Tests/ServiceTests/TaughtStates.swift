import Foundation
import Testing

/// What many tests begin with, made once: pictures of good parts, a recording, and a daemon that was taught.
enum Taught {
    /// PNG pictures of the first parts of the simulated line, which are good.
    static func pictures() throws -> URL { try made.get().pictures }
    /// The first parts as a recording, with defects among them.
    static func recording() throws -> URL { try made.get().recording }
    /// The state folder of a daemon that was stopped after it had learned from two pictures.
    static func state() throws -> URL { try made.get().state }

    private struct Things {
        let pictures: URL
        let recording: URL
        let state: URL
    }

    private static let made = Result { try make() }.mapError { Failure(reason: "\($0)") }

    /// Of its own type: an expectation that failed counts only where it failed first.
    private struct Failure: Error {
        let reason: String
    }

    private static func make() throws -> Things {
        let folder = try Scratch.folder()
        let pictures = folder.appending(path: "good"), recording = folder.appending(path: "recording")
        let service = try ServiceProcess(LinePlan(framesPerSecond: 2))
        func run(_ line: String) throws {
            let run = try service.command(line)
            try #require(run.status == 0, "linewatch \(line): \(run.errors)")
        }
        let camera = "simulated:cast --size 320x240"
        try run("camera record \(camera) --fps 10 --frames 2 --png -o \(pictures.path)")
        // A busy machine loses frames of a fast camera, and a recording keeps that too.
        for rate in [50, 20, 5] {
            try? FileManager.default.removeItem(at: recording)
            let line = "camera record \(camera) --fps \(rate) --frames 16 -o \(recording.path)"
            let output = try service.command(line).output
            if output.contains("16 frames") && output.contains("; 0 lost") { break }
            try #require(rate != 5, "\(output)")
        }
        try service.start()
        try service.reach(state: 5)
        try run("teach casting --images \(pictures.path)")
        try #require(service.stop() == 0)
        let state = folder.appending(path: "state")
        try FileManager.default.moveItem(at: service.state, to: state)
        return Things(pictures: pictures, recording: recording, state: state)
    }
}
