internal import ArgumentParser
internal import Imaging
internal import Sockets
internal import Training

/// `linewatch teach INSPECTION --good N`: all steps in one.
struct TeachProduct: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "product",
        abstract: "Teaches an inspection from the next good parts, or from pictures, and switches to it.",
        discussion: """
            Takes the next N frames of the inspection's camera, or the pictures in DIR, all of which must show good \
            parts. What was learned must pass a self-check before the inspection judges with it.
            """
    )

    @OptionGroup var choice: TeachSocket
    @OptionGroup var options: TeachOptions

    @ArgumentParser.Argument(help: "The inspection, or the camera if it has only one.")
    var inspection: String

    @Option(help: "Good parts to learn from (1...64). Default: 2 frames, or all pictures in DIR.")
    var good: Int?

    @Option(help: "PNG or JPEG pictures of good parts, as the camera takes them, instead of frames.")
    var images: String?

    @Option(help: "Seconds to wait for each frame (1...3600).")
    var wait = 60

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        guard 1...64 ~= good ?? 2 else { throw ValidationError("--good is 1 to 64, not \(good ?? 0).") }
        guard 1...600 ~= options.budget else {
            throw ValidationError("--budget is 1 to 600, not \(options.budget).")
        }
        guard 1...3600 ~= wait else { throw ValidationError("--wait is 1 to 3600, not \(wait).") }
    }

    func run() throws {
        if options.isFull { OpenBLAS.relaunchWithBestKernel() }
        // Looked at first: a wrong folder must not leave an open set behind.
        if let images { _ = try ImageFolder.images(in: images) }
        let daemon = try choice.connect()
        let name = try daemon.inspection(inspection)
        guard let set = try daemon.start(name, kind: "reference").number("set") else {
            throw CommandFailure("The daemon's answer to teach.start has no 'set'. Is it of this version?")
        }
        let lesson: Lesson
        do {
            if images == nil { try addFrames(to: set, daemon) }
            // An empty set, where there are pictures, only says what the inspection looks at.
            let committed = try CommittedSet(daemon.commit(set))
            lesson = try Lesson(
                committed, images: images ?? committed.folder, limit: images == nil ? nil : good, options,
                json: json)
        } catch {
            // Best effort: a set that stays open can be forgotten with 'linewatch teach abort'.
            _ = try? daemon.ask(.teachAbort, [JSONMember("set", .integer(set))])
            throw error
        }
        try lesson.run(daemon, json: json)
    }

    private func addFrames(to set: Int64, _ daemon: TeachConnection) throws {
        let count = good ?? 2
        for number in 1...count {
            if !json { print("Waiting for good part \(number) of \(count).") }
            flush()
            let answer = try daemon.add(set: set, seq: nil, within: wait)
            if !json { print(answer.addedPart) }
        }
    }
}
