internal import Capture
internal import FoundationEssentials
internal import Imaging
internal import Platform
internal import SimulatedLine
internal import Sockets

/// A daemon of its own for a measurement: its files, its settings, and how it is started, taught and asked.
struct BenchLine {
    let folder: String
    let size: Size
    let framesPerSecond: Double
    let cameraCount: Int
    let threads: Int
    let tile: Int
    let isa: String
    /// The daemon's file.
    let program: String

    /// Frames that are played again and again.
    static let frameCount = 8
    private static let surface = Surface.cast

    var recording: String { folder + "/recording" }
    var good: String { folder + "/good" }
    var state: String { folder + "/state" }
    var admin: String { own.admin }

    static func inspection(_ camera: Int) -> String { "part\(camera)" }

    // MARK: Files

    /// Renders the frames, a quarter of them with a defect, and two good parts; writes the settings.
    func prepare() throws {
        for path in [state, good] {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        var parts = try line(defectsPerMillion: 250_000)
        var writer = try RecordingWriter(folder: recording)
        let rate = framesPerSecond > 0 ? framesPerSecond : 30
        for number in 0..<Self.frameCount {
            var header = FrameHeader()
            header.sequence = UInt32(number)
            header.driverNanoseconds = Int64(Double(number) * 1e9 / rate)
            header.arrivalNanoseconds = header.driverNanoseconds
            try Self.append(parts.part(number).grey, header, size, rate, to: &writer)
        }
        try writer.finish()
        var goodParts = try line(defectsPerMillion: 0)
        for number in 0..<2 {
            let image = try GreyImage(size: size, pixels: goodParts.part(1_000 + number).grey)
            try writeAtomically("\(good)/\(number).png", try image.encodedAsPNG())
        }
        try writeAtomically(folder + "/line.toml", Array(settings.utf8))
    }

    private func line(defectsPerMillion: Int) throws -> ProductionLine {
        try ProductionLine(
            LineSettings(
                surface: Self.surface, form: .parts, seed: 1, size: size, defectsPerMillion: defectsPerMillion
            ))
    }

    private static func append(
        _ pixels: [UInt8], _ header: FrameHeader, _ size: Size, _ rate: Double,
        to writer: inout RecordingWriter
    ) throws {
        var header = header
        header.bytesUsed = UInt32(pixels.count)
        let format = StreamFormat(
            pixelFormat: .grey, size: size, bytesPerRow: size.width, framesPerSecond: rate)
        // The frame ends before the pixels that it lends.
        try unsafe pixels.withUnsafeBytes { bytes in
            let frame = unsafe Frame(
                header: header, format: format, unsafeBytes: bytes, returns: FrameReturns(), index: 0)
            try writer.append(frame)
        }
    }

    private var settings: String {
        var text = """
            [station]
            id = "BENCH"
            [access]
            admins = ["\(OwnDaemon.user)"]
            [clock]
            source = "none"
            [images]
            keep = "none"
            [metrics]
            textfile = ""
            [log]
            target = "stderr"
            [store]
            min_free_mib = 64
            ballast_mib = 4
            [infer]
            threads = \(threads)
            isa = "\(isa)"

            """
        for camera in 1...cameraCount {
            text += """
                [[camera]]
                id = \(camera)
                source = "folder"
                folder = "\(recording)"
                width = \(size.width)
                height = \(size.height)
                format = "GREY"
                arm = false
                [camera.replay]
                speed = \(framesPerSecond > 0 ? "1.0" : "0.0")
                rounds = 0
                [[camera.roi]]
                name = "all"
                rect = [0, 0, \(size.width), \(size.height)]
                tile = \(tile)
                [[inspect]]
                name = "\(Self.inspection(camera))"
                camera = \(camera)
                roi = ["all"]
                deadline_ms = 60000

                """
        }
        return text
    }

    // MARK: The daemon

    private var own: OwnDaemon {
        OwnDaemon(program: program, settings: folder + "/line.toml", folder: folder, state: state)
    }

    /// Starts the daemon, and waits until it serves its sockets.
    func start() throws -> ChildProcess { try own.start() }

    /// Stops `daemon` in order.
    func stop(_ daemon: ChildProcess) throws { try own.stop(daemon) }

    /// Teaches every inspection the two good parts, in a run of the daemon that is over then.
    func teach(_ options: [String] = []) throws {
        let daemon = try start()
        try wait(for: 3)
        for camera in 1...cameraCount {
            let teaching = try teaching(camera, options)
            guard teaching.ended() == 0 else { throw failure("Teaching failed") }
        }
        try stop(daemon)
    }

    /// Begins to teach the inspection of `camera` the two good parts.
    func teaching(_ camera: Int, _ options: [String] = []) throws -> ChildProcess {
        try ChildProcess(
            ChildProcess.own(),
            ["teach", Self.inspection(camera), "--images", good, "--good", "2", "--yes", "--socket", admin]
                + options,
            environment: own.environment, log: own.log)
    }

    /// Waits until the station is in state `state` with all cameras.
    func wait(for state: Int64) throws {
        let client = try StationClient(socket: admin)
        for _ in 0..<6_000 {
            let line = try client.ask(.state)
            if line.number("st") == state, line.number("cok") == Int64(1) << cameraCount - 1 { return }
            MonotonicClock.sleep(nanoseconds: 10_000_000)
        }
        throw failure("The daemon did not come to state \(state) within a minute")
    }

    func failure(_ what: String) -> CommandFailure { own.failure(what) }
}
