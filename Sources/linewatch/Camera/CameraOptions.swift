import ArgumentParser
import Capture
import Configuration
import Imaging

/// Which camera, and how it is set up: what probe, record, snap and watch share.
struct CameraOptions: ParsableArguments {
    @Argument(
        help: """
            The camera: its id or name in the settings, its device path, or its bus, serial number, by-id or \
            by-path name, as 'linewatch camera list' shows them; bus=NAME, serial=NAME, id=NAME or path=NAME \
            says which is meant. Also a folder of images, a recording, 'simulated' or 'simulated:SURFACE'.
            """)
    var camera: String

    @OptionGroup var daemon: DaemonOptions

    @Option(help: "The pixel format, by its V4L2 name. (default: that of the settings, or the camera's own)")
    var format: String?

    @Option(
        help: "WIDTHxHEIGHT in pixels. (default: that of the settings, or the camera's own)",
        transform: CameraOptions.size)
    var size: Size?

    @Option(help: "Frames per second (0...1000); 0 leaves it to the driver.")
    var fps: Double?

    @Option(help: "The part of the sensor, X,Y,WIDTH,HEIGHT in its pixels.", transform: CameraOptions.region)
    var crop: Region?

    @Option(help: "Buffers that the driver fills in turn (3...32). (default: 6)")
    var buffers: Int?

    @Option(help: "A control, NAME=VALUE, by its V4L2 name, or exposure_us or gain. Repeatable.")
    var control: [String] = []

    @Option(help: "What makes a frame: free, external, or software: this command. (default: free)")
    var trigger: String?

    @Option(help: "The button that triggers the camera by software, by its V4L2 name. (default: found)")
    var triggerControl: String?

    func validate() throws {
        if let buffers, !(3...32).contains(buffers) {
            throw ValidationError("--buffers \(buffers) is not in 3...32.")
        }
        if let fps, !(0...1000).contains(fps) { throw ValidationError("--fps \(fps) is not in 0...1000.") }
        if let trigger, V4L2Settings.Trigger(rawValue: trigger) == nil {
            throw ValidationError("--trigger '\(trigger)' is none of: free, external, software.")
        }
        _ = try controls()
    }

    /// What the operator means, by the settings of this box.
    func target() throws -> CameraTarget { try CameraTarget(camera, daemon.settings()) }

    /// The options that change the camera, which nobody can who does not have it.
    var changes: [String] {
        [
            ("--format", format != nil), ("--size", size != nil), ("--fps", fps != nil),
            ("--crop", crop != nil), ("--buffers", buffers != nil), ("--control", !control.isEmpty),
            ("--trigger", trigger != nil), ("--trigger-control", triggerControl != nil),
        ].filter(\.1).map(\.0)
    }

    /// The settings of the device that `target` means, changed by the options.
    func settings(of target: CameraTarget) throws -> V4L2Settings {
        var settings: V4L2Settings
        switch target {
        case .configured(let camera) where camera.source == .v4l2: settings = V4L2Settings(camera)
        case .device(let identity): settings = V4L2Settings(identity: identity)
        default:
            throw CommandFailure("'\(camera)' is no device: 'linewatch camera list' shows those there are.")
        }
        settings.format = format ?? settings.format
        settings.size = size ?? settings.size
        settings.framesPerSecond = fps ?? settings.framesPerSecond
        settings.crop = crop ?? settings.crop
        settings.bufferCount = buffers ?? settings.bufferCount
        settings.controls += try controls()
        // Checked by `validate`.
        settings.trigger = trigger.flatMap(V4L2Settings.Trigger.init) ?? settings.trigger
        return settings
    }

    /// `camera`, which is no device, changed by the options.
    func changed(_ camera: CameraSettings) -> CameraSettings {
        var camera = camera
        camera.format = format ?? camera.format
        (camera.width, camera.height) = size.map { ($0.width, $0.height) } ?? (camera.width, camera.height)
        camera.fps = fps ?? camera.fps
        camera.buffers = buffers ?? camera.buffers
        return camera
    }

    private func controls() throws -> [V4L2Settings.Control] {
        try control.map { text in
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let value = Double(parts[1]), value.isFinite else {
                throw ValidationError("--control '\(text)' is not NAME=NUMBER.")
            }
            return V4L2Settings.Control(String(parts[0]), value)
        }
    }

    static func size(_ text: String) throws -> Size {
        let sides = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        guard sides.count == 2, let width = sides[0], let height = sides[1],
            case let size = Size(width: width, height: height), size.isValid
        else {
            throw ValidationError("'\(text)' is no size. Write WIDTHxHEIGHT, each 1...\(Size.maximumSide).")
        }
        return size
    }

    private static func region(_ text: String) throws -> Region {
        let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
        guard numbers.count == 4, let x = numbers[0], let y = numbers[1], let width = numbers[2],
            let height = numbers[3], x >= 0, y >= 0, Size(width: width, height: height).isValid
        else {
            throw ValidationError("'\(text)' is no crop. Write X,Y,WIDTH,HEIGHT in pixels.")
        }
        return Region(x: x, y: y, width: width, height: height)
    }
}

extension V4L2Camera {
    /// Opens the camera at the first attempt. Throws what keeps it from being opened, instead of waiting for
    /// it.
    mutating func openNow() throws(VideoError) {
        while true {
            switch next(timeoutMilliseconds: 0) {
            case .transition(let transition):
                switch transition.to {
                case .absent, .backoff, .wrong, .lost:
                    if let lastError { throw lastError }
                default: break
                }
            default: break
            }
            if format != nil { return }
            if let lastError { throw lastError }
        }
    }
}
