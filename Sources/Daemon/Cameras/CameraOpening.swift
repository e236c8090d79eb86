import Capture
import Configuration
import Imaging
import Platform
import SimulatedLine

/// Makes the camera that the settings ask for and starts its thread.
struct CameraOpening {
    let unit: CameraUnit
    let worker: EventCounter
    let alarm: Alarm
    /// Frames that may be on their way to the inspection.
    let queue: Int
    let cpus: [Int32]

    private var settings: CameraSettings { unit.settings }

    /// Throws what makes the camera impossible; a device that is only away is none of that.
    func start() throws -> HotThread {
        switch settings.source {
        case .v4l2: return try run(V4L2Camera(V4L2Settings(settings), triggerLine: unit.triggerLine))
        case .folder:
            let pace = ReplayPace(
                speed: settings.replay.speed, lentFrames: max(1, min(queue, 8)), isRestamped: true,
                rounds: settings.replay.rounds)
            let recording = try Recording.open(
                settings.folder, framesPerSecond: settings.fps > 0 ? settings.fps : 10)
            // What is played often is checked and decoded once.
            return try run(ReplayCamera(pace.rounds == 1 ? recording : recording.inMemory(), pace: pace))
        case .simulated: return try run(simulated())
        case .none: throw CameraOpeningError.disabled(camera: settings.id)
        }
    }

    private func simulated() throws -> SimulatedCamera {
        let simulated = settings.simulated
        guard let surface = Surface(rawValue: simulated.surface.rawValue) else {
            throw CameraOpeningError.unknownSurface(simulated.surface.rawValue)
        }
        let isWeb = settings.kind == .linescan
        let line = LineSettings(
            surface: surface, form: isWeb ? .web : .parts, seed: UInt32(clamping: simulated.seed),
            size: Size(width: settings.width, height: settings.height),
            defectsPerMillion: simulated.defectPPM)
        guard let pixels = PixelFormat(rawValue: settings.format) else {
            throw CameraOpeningError.unknownFormat(camera: settings.id, format: settings.format)
        }
        let rate = isWeb ? linesPerSecond / Double(settings.height) : partsPerSecond
        return try SimulatedCamera(
            line, pixels: pixels,
            pace: SimulatedPace(framesPerSecond: rate, frameCount: nil, bufferCount: settings.buffers))
    }

    private var partsPerSecond: Double {
        let perMinute = settings.simulated.partsPerMinute
        return perMinute > 0 ? perMinute / 60 : settings.fps > 0 ? settings.fps : 10
    }

    private var linesPerSecond: Double {
        let own = settings.simulated.linesPerSecond
        return own > 0 ? own : settings.line.lineRate > 0 ? settings.line.lineRate : 2_000
    }

    private func run<Source: Camera & Sendable & ~Copyable>(_ camera: consuming Source) throws -> HotThread {
        guard settings.kind == .linescan else { return try loop(camera) }
        let line = settings.line
        let isCounted = line.encoder == .chunk && line.pixelsPerMillimetre > 0
        let layout = try StripLayout(
            height: line.stripLines, overlap: line.overlapLines, lentStrips: max(2, min(queue, 16)),
            countsPerLine: isCounted ? line.countsPerMillimetre / line.pixelsPerMillimetre : 0)
        let timeout = Int(settings.frameTimeout.milliseconds)
        return try loop(
            LineScanCamera(
                camera, layout: layout, timeoutMilliseconds: timeout, bufferCount: settings.buffers))
    }

    private func loop<Source: Camera & Sendable & ~Copyable>(_ camera: consuming Source) throws -> HotThread {
        let gate = unit.gate
        let loop = CaptureLoop(
            camera, frames: unit.lane.frames, notices: unit.notices, wakeUp: worker,
            noticeWakeUp: alarm.notices, counters: unit.counters, admit: { gate.admit($0) })
        return try loop.start(name: "capture \(settings.id)", cpus: cpus)
    }
}

/// Why a camera cannot be made from its settings.
enum CameraOpeningError: Error, CustomStringConvertible {
    case disabled(camera: Int)
    case unknownSurface(String)
    case unknownFormat(camera: Int, format: String)

    var description: String {
        switch self {
        case .disabled(let camera): "Camera \(camera) is switched off: its 'source' is \"none\"."
        case .unknownSurface(let name): "There is no simulated surface '\(name)'. Change [camera.simulated]."
        case .unknownFormat(let camera, let format):
            "Camera \(camera) cannot simulate '\(format)'. Set 'format' to GREY or RGB3."
        }
    }
}

extension V4L2Settings {
    /// The part of `camera` that is about its device.
    init(_ camera: CameraSettings) {
        let match = camera.match
        self.init(
            identity: CameraIdentity(serial: match.serial, id: match.id, path: match.path, bus: match.bus))
        self.camera = UInt8(clamping: camera.id)
        format = camera.format
        size = Size(width: camera.width, height: camera.height)
        crop = camera.crop.width > 0 ? camera.crop : nil
        framesPerSecond = camera.fps
        bufferCount = camera.buffers
        trigger = Trigger(rawValue: camera.trigger.rawValue) ?? .free
        controls =
            [
                Control("exposure_us", Double(camera.controls.exposureMicroseconds)),
                Control("gain", camera.controls.gain),
            ] + camera.controls.further.sorted { $0.key < $1.key }.map { Control($0.key, $0.value) }
        if camera.flip == .x || camera.flip == .xy { controls.append(Control("horizontal_flip", 1)) }
        if camera.flip == .y || camera.flip == .xy { controls.append(Control("vertical_flip", 1)) }
        stallMilliseconds = camera.stall.milliseconds
        pingMilliseconds = camera.ping.milliseconds
        let least = camera.reconnectMinimum.milliseconds
        reconnectMilliseconds = least...max(least, camera.reconnectMaximum.milliseconds)
    }
}

extension CameraSettings {
    /// What the frames look like if the camera does as it is told: strips of a line-scan camera are frames too.
    func expectedFormat() -> StreamFormat {
        var pixels = PixelFormat(rawValue: format) ?? .rgb24
        if source == .folder {
            // A recording says itself what it holds; images are read as RGB. One that cannot be read is said when the
            // camera is opened: the daemon runs without it.
            let recording = try? Recording.open(folder, framesPerSecond: fps > 0 ? fps : 10)
            pixels = recording?.frames.first?.format.pixelFormat ?? .rgb24
        }
        return StreamFormat(
            pixelFormat: pixels, size: frameSize,
            bytesPerRow: pixels.minimumBytesPerRow(width: width), framesPerSecond: fps)
    }
}

extension Duration {
    /// In whole milliseconds, rounded down.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
    }

    /// In nanoseconds.
    var nanoseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
    }
}
