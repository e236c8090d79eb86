import Capture
import Configuration
import Imaging
import Platform
import SimulatedLine

/// The camera that an operator names on the command line, open.
///
/// With trigger `software` it triggers itself: once when it is open, then after each frame, `--fps` times a second
/// at most, and again when a second passed without one.
struct CameraChoice: Capture.Camera, ~Copyable {
    /// One of the three.
    private var device: V4L2Camera?
    private var replay: ReplayCamera?
    private var simulated: SimulatedCamera?

    private var triggerLine: TriggerLine?
    private var triggerInterval = 0
    private var lastTrigger: Int?
    private var isTriggered = false

    /// Opens what `target` means: files are played as fast as their frames are taken, a simulated line makes ten
    /// parts per second or `--fps`, a device is opened at the first attempt.
    ///
    /// Throws what is wrong with it and what to do.
    init(_ target: CameraTarget, _ options: CameraOptions) throws {
        switch target {
        case .files(let path): replay = try Self.replay(path, framesPerSecond: options.fps ?? 0, speed: 0)
        case .simulated(let surface): simulated = try Self.simulated(surface, options)
        case .device: try open(options.settings(of: target), options)
        case .configured(let camera):
            switch camera.source {
            case .v4l2: try open(options.settings(of: target), options)
            case .folder:
                replay = try Self.replay(
                    camera.folder, framesPerSecond: options.fps ?? camera.fps, speed: camera.replay.speed)
            case .simulated: simulated = try SimulatedCamera(options.changed(camera))
            case .none:
                throw CommandFailure("\(camera.label) has source 'none': set another to take frames.")
            }
        }
    }

    private mutating func open(_ settings: V4L2Settings, _ options: CameraOptions) throws {
        let line =
            settings.trigger == .software
            ? TriggerLine(names: options.triggerControl.map { [$0] } ?? TriggerLine.standardNames) : nil
        var camera = V4L2Camera(settings, triggerLine: line)
        try camera.openNow()
        if let line, !line.isConnected {
            throw CommandFailure(
                "'\(camera.device?.node ?? "")' has no button \(line.names.joined(separator: ", ")) that would "
                    + "trigger it. Name its own with --trigger-control, or set 'trigger' to free or external."
            )
        }
        triggerLine = line
        let rate = settings.framesPerSecond
        triggerInterval = rate > 0 ? Int(1e9 / rate) : 0
        device = consume camera
    }

    private static func replay(
        _ path: String, framesPerSecond: Double, speed: Double
    ) throws -> ReplayCamera {
        let recording = try Recording.open(
            path, framesPerSecond: framesPerSecond > 0 ? framesPerSecond : 10)
        return try ReplayCamera(
            recording, pace: ReplayPace(speed: speed, lentFrames: 4, isRestamped: false))
    }

    private static func simulated(_ surface: Surface, _ options: CameraOptions) throws -> SimulatedCamera {
        var camera = CameraSettings()
        camera.simulated.surface = .init(rawValue: surface.rawValue) ?? .brushed
        (camera.width, camera.height) = (640, 480)
        return try SimulatedCamera(options.changed(camera))
    }
}

extension CameraChoice {
    var format: StreamFormat? {
        switch device {
        case .some(let device): device.format
        case .none: recordedFormat ?? simulatedFormat
        }
    }

    private var recordedFormat: StreamFormat? {
        switch replay {
        case .some(let replay): replay.format
        case .none: nil
        }
    }

    private var simulatedFormat: StreamFormat? {
        switch simulated {
        case .some(let simulated): simulated.format
        case .none: nil
        }
    }

    /// The recording that is played, if it is one.
    var recording: Recording? {
        switch replay {
        case .some(let replay): replay.recording
        case .none: nil
        }
    }

    /// Why the device was lost; nil while it streams.
    var lastError: VideoError? {
        switch device {
        case .some(let device): device.lastError
        case .none: nil
        }
    }

    /// The device, what it granted and all it has; nil of what is no device.
    var probed: (device: VideoDevice, negotiation: FormatNegotiation, formats: [OfferedFormat])? {
        switch device {
        case .some(let camera):
            guard let device = camera.device, let negotiation = camera.negotiation else { return nil }
            return (device, negotiation, camera.offeredFormats())
        case .none: return nil
        }
    }

    mutating func next(timeoutMilliseconds: Int32) -> CameraSignal {
        if replay != nil, let signal = replay?.next(timeoutMilliseconds: timeoutMilliseconds) {
            return signal
        }
        if simulated != nil, let signal = simulated?.next(timeoutMilliseconds: timeoutMilliseconds) {
            return signal
        }
        triggerIfDue()
        guard let signal = device?.next(timeoutMilliseconds: timeoutMilliseconds) else { return .nothing }
        switch consume signal {
        case .frame(let frame):
            isTriggered = false
            return .frame(frame)
        case .refused(let header):
            isTriggered = false
            return .refused(header)
        case .transition(let transition): return .transition(transition)
        case .ended: return .ended
        case .nothing: return .nothing
        }
    }

    private mutating func triggerIfDue() {
        guard let triggerLine else { return }
        let now = MonotonicClock.now
        guard now - (lastTrigger ?? .min / 2) >= (isTriggered ? 1_000_000_000 : triggerInterval) else {
            return
        }
        // What the driver refuses, the camera's own life shows a moment later.
        _ = triggerLine.fire()
        (lastTrigger, isTriggered) = (now, true)
    }

    mutating func close() {
        device?.close()
        replay?.close()
        simulated?.close()
    }
}
