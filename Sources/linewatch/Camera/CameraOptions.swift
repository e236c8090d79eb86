import ArgumentParser
import Capture
import Imaging

/// Which camera, and how it is set up: what probe, snap and watch share.
struct CameraOptions: ParsableArguments {
    @Argument(
        help: """
            The camera: its device path, or its bus, serial number, by-id or by-path name, as 'linewatch \
            camera list' shows them; bus=NAME, serial=NAME, id=NAME or path=NAME says which is meant.
            """)
    var camera: String

    @Option(help: "The pixel format, by its V4L2 name. (default: the camera's own)")
    var format: String?

    @Option(help: "WIDTHxHEIGHT in pixels. (default: the camera's own)", transform: CameraOptions.size)
    var size: Size?

    @Option(help: "Frames per second (0...1000); 0 leaves it to the driver.")
    var fps = 0.0

    @Option(help: "The part of the sensor, X,Y,WIDTH,HEIGHT in its pixels.", transform: CameraOptions.region)
    var crop: Region?

    @Option(help: "Buffers that the driver fills in turn (3...32).")
    var buffers = 6

    @Option(help: "A control, NAME=VALUE, by its V4L2 name, or exposure_us or gain. Repeatable.")
    var control: [String] = []

    @Option(help: "What makes a frame: free, external or software.")
    var trigger = "free"

    func validate() throws {
        guard (3...32).contains(buffers) else {
            throw ValidationError("--buffers \(buffers) is not in 3...32.")
        }
        guard (0...1000).contains(fps) else { throw ValidationError("--fps \(fps) is not in 0...1000.") }
        guard V4L2Settings.Trigger(rawValue: trigger) != nil else {
            throw ValidationError("--trigger '\(trigger)' is none of: free, external, software.")
        }
        _ = try controls()
    }

    /// The settings of the camera, looked for now.
    func settings() throws -> V4L2Settings {
        var settings = V4L2Settings(identity: CameraIdentity(camera))
        settings.format = format
        settings.size = size
        settings.framesPerSecond = fps
        settings.crop = crop
        settings.bufferCount = buffers
        settings.controls = try controls()
        // Checked by `validate`.
        settings.trigger = V4L2Settings.Trigger(rawValue: trigger) ?? .free
        return settings
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

    private static func size(_ text: String) throws -> Size {
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
