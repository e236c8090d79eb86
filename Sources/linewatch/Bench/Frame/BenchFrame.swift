internal import ArgumentParser
internal import FoundationEssentials
internal import Imaging

/// `linewatch bench frame`: the whole way from a frame in memory to its committed result in the hand of a client.
///
/// The command line does not contain the daemon, so this starts linewatchd itself, with settings and a state folder
/// of its own, and reads its results as a control program would: what is measured is the product as it runs.
struct BenchFrame: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "frame",
        abstract: "Measures the whole way from frame to committed result, beside inference alone.",
        discussion: """
            Starts linewatchd with cameras that play a few rendered frames from memory again and again, teaches it \
            two good parts in the quick way (with --untaught nothing: the zero-shot head judges by the name 'object'), and times each \
            result from the exposure to its line on a socket, which follows the commit. Inference is preparing, \
            network and scoring of the same frame. With --teaching it is taught in full then, and the results that \
            come meanwhile are timed too. Then looks at the frames with the same model on one thread, without a \
            daemon, and counts allocations. From a clone, set LINEWATCH_MODELS to its folder Models.
            """)

    @Option(help: "Frames of each camera that count (10...10000000).")
    var frames = 1_000

    @Option(help: "Frames per second of each camera (0...1000); 0: as fast as they are inspected.")
    var fps = 30.0

    @Option(help: "Cameras (1...8).")
    var cameras = 1

    @Option(help: "[infer] threads (1...64).")
    var threads = 1

    @Option(help: "WIDTHxHEIGHT of the frames.", transform: CameraOptions.size(_:))
    var size = Size(width: 1_280, height: 720)

    @Option(help: "Pixels of a tile (0...2048); 0: the whole frame is scaled to the input of the network.")
    var tile = 0

    @Flag(help: "Teach nothing: the zero-shot head judges.")
    var untaught = false

    @Flag(help: "Teach the nearest patches and their rarity alone: no class name, no head.")
    var plain = false

    @Flag(help: "Also time results while 'linewatch teach' runs, again and again, beside the daemon.")
    var teaching = false

    @Option(help: "The instruction set, as [infer] isa has it.")
    var isa = "auto"

    @Option(help: "An existing folder on the disk that is committed to.")
    var folder = "/var/tmp"

    @Option(help: ArgumentHelp("The daemon. (default: linewatchd beside this program)", valueName: "path"))
    var daemon: String?

    @Flag(help: "Print one JSON document instead of lines.")
    var json = false

    func validate() throws {
        let limits = [
            ("--frames", Double(frames), 10...10_000_000.0), ("--fps", fps, 0...1_000),
            ("--cameras", Double(cameras), 1...8), ("--threads", Double(threads), 1...64),
            ("--tile", Double(tile), 0...2_048),
        ]
        guard !untaught || !(teaching || plain) else {
            throw ValidationError("--untaught does not go with --teaching or --plain.")
        }
        for (name, value, range) in limits where !range.contains(value) {
            throw ValidationError("\(name) is not in \(Int(range.lowerBound))...\(Int(range.upperBound)).")
        }
    }

    func run() throws {
        let work = folder + "/linewatch-bench-" + String(UInt32.random(in: 0 ... .max), radix: 36)
        try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: work) }
        let line = BenchLine(
            folder: work, size: size, framesPerSecond: fps, cameraCount: cameras, threads: threads,
            tile: tile,
            isa: isa, program: try daemon ?? ChildProcess.beside("linewatchd"))
        try line.prepare()
        if !untaught { try line.teach([plain ? "--plain" : "--quick"]) }
        var report = FrameReport(line, frames: frames, isTaught: !untaught)
        try line.inspect(frames: frames, isTeaching: teaching, into: &report)
        try line.lookAlone(frames: min(frames, 1_000), isTaught: !untaught, into: &report)
        print(json ? try jsonText(report) : report.text)
    }
}
