package import Imaging

/// `[[camera]]`: one camera.
package struct CameraSettings: SettingTable {
    package enum Kind: String, CaseIterable, Sendable { case area, linescan }

    package enum Source: String, CaseIterable, Sendable {
        case v4l2
        /// A folder of images, or a recording.
        case folder
        case simulated
        case none
    }

    package enum Trigger: String, CaseIterable, Sendable { case free, external, software }

    package enum Flip: String, CaseIterable, Sendable { case none, x, y, xy }

    /// 1...32, each once.
    package var id = 1
    /// At most 24 characters, not only digits; empty if it has none.
    package var name = ""
    package var kind = Kind.area
    package var source = Source.v4l2
    package var match = MatchSettings()
    /// For source folder.
    package var folder = ""
    /// The V4L2 name; see `PixelFormat` for those converted here.
    package var format = "GREY"
    /// 16...16384 px.
    package var width = 1280
    /// 1...16384 px; lines per driver buffer of a line-scan camera.
    package var height = 1024
    /// In sensor pixels, set in the camera; width 0 is the whole sensor.
    package var crop = Region(x: 0, y: 0, width: 0, height: 0)
    /// Frames per second, 0...1000; 0 leaves it to the driver.
    package var fps = 0.0
    /// mmap buffers, 3...32.
    package var buffers = 6
    package var trigger = Trigger.free
    /// Whether a free or external camera is armed at start.
    package var arm = true
    package var frameTimeout = Duration.milliseconds(400)
    /// Zero: three expected intervals, at least 500 ms.
    package var stall = Duration.zero
    package var ping = Duration.seconds(2)
    package var reconnectMinimum = Duration.milliseconds(200)
    package var reconnectMaximum = Duration.seconds(10)
    package var controls = ControlSettings()
    /// Grey levels, 0...255.
    package var minMean = 0.0
    package var maxMean = 255.0
    /// Variance of the Laplacian; 0 is off.
    package var minSharpness = 0.0
    package var flip = Flip.none
    /// For line-scan cameras.
    package var line = LineSettings()
    /// For source simulated.
    package var simulated = SimulatedSettings()
    /// For source folder.
    package var replay = ReplaySettings()
    /// At most 16; none is the whole frame.
    package var roi: [RegionSettings] = []

    package init() {}

    package static let identity: String? = "id"

    package static let settings: [Setting<CameraSettings>] =
        identitySettings + pictureSettings + timeSettings + qualitySettings + [
            .table("line", \.line),
            .table("simulated", \.simulated),
            .table("replay", \.replay),
            .tables("roi", \.roi, 0...16),
        ]

    /// The frame that regions lie in: of a line-scan camera it is one strip. Pixels.
    package var frameSize: Size {
        Size(width: width, height: kind == .linescan ? line.stripLines : height)
    }
}
