import Capture
import Configuration
import Imaging
import SimulatedLine

extension V4L2Settings {
    /// The V4L2 part of a camera's settings.
    init(_ camera: CameraSettings) {
        let match = camera.match
        self.init(
            identity: CameraIdentity(serial: match.serial, id: match.id, path: match.path, bus: match.bus))
        self.camera = UInt8(camera.id)
        format = camera.format
        size = Size(width: camera.width, height: camera.height)
        crop = camera.crop.width > 0 ? camera.crop : nil
        framesPerSecond = camera.fps
        bufferCount = camera.buffers
        trigger = Trigger(rawValue: camera.trigger.rawValue) ?? .free
        let controls = camera.controls
        self.controls =
            [
                Control("exposure_us", Double(controls.exposureMicroseconds)), Control("gain", controls.gain),
            ]
            + controls.further.sorted { $0.key < $1.key }.map { Control($0.key, $0.value) }
        stallMilliseconds = camera.stall.milliseconds
        pingMilliseconds = camera.ping.milliseconds
        reconnectMilliseconds =
            camera.reconnectMinimum
            .milliseconds...max(
                camera.reconnectMinimum.milliseconds, camera.reconnectMaximum.milliseconds)
    }
}

extension SimulatedCamera {
    /// The line of a camera's settings: frames of parts, or for a line-scan camera blocks of a web.
    init(_ camera: CameraSettings) throws {
        let line = camera.simulated, isWeb = camera.kind == .linescan
        var rate: Double
        if isWeb {
            let lines = line.linesPerSecond > 0 ? line.linesPerSecond : camera.line.lineRate
            rate = (lines > 0 ? lines : 2000) / Double(camera.height)
        } else {
            rate = line.partsPerMinute > 0 ? line.partsPerMinute / 60 : camera.fps
            if rate == 0 { rate = 10 }
        }
        guard let pixels = PixelFormat(rawValue: camera.format) else {
            throw CommandFailure(
                "The simulated line has no format '\(camera.format)': set 'format' of \(camera.label) to GREY or RGB3."
            )
        }
        try self.init(
            SimulatedLine.LineSettings(
                surface: Surface(rawValue: line.surface.rawValue) ?? .brushed, form: isWeb ? .web : .parts,
                seed: UInt32(clamping: line.seed), size: Size(width: camera.width, height: camera.height),
                defectsPerMillion: line.defectPPM),
            pixels: pixels,
            pace: SimulatedPace(framesPerSecond: rate, frameCount: nil, bufferCount: camera.buffers))
    }
}

extension Duration {
    fileprivate var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
