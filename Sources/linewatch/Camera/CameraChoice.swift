import Capture
import Glibc
import Imaging
import SimulatedLine

/// The camera that an operator names on the command line, open.
struct CameraChoice: ~Copyable {
    var camera: any Capture.Camera & ~Copyable
    /// What it plays, if it is no device.
    let recording: Recording?

    /// Opens what `options.camera` names:
    ///
    /// - a folder of images, a folder of a recording or the file of one, played as fast as its frames are taken;
    /// - `simulated` or `simulated:SURFACE`, ten parts per second or at `--fps`;
    /// - else a device, at the first attempt.
    ///
    /// Throws what is wrong with it and what to do.
    static func open(_ options: CameraOptions) throws -> CameraChoice {
        let name = options.camera
        if name == "simulated" || name.hasPrefix("simulated:") { return try simulated(options) }
        if isFolderOrFile(name) {
            let recording = try Recording.open(name, framesPerSecond: options.fps > 0 ? options.fps : 10)
            let pace = ReplayPace(speed: 0, lentFrames: 4, isRestamped: false)
            return CameraChoice(camera: try ReplayCamera(recording, pace: pace), recording: recording)
        }
        var camera = V4L2Camera(try options.settings())
        try camera.openNow()
        return CameraChoice(camera: camera, recording: nil)
    }

    private static func simulated(_ options: CameraOptions) throws -> CameraChoice {
        let word = options.camera.dropFirst("simulated".count).drop { $0 == ":" }
        guard let surface = word.isEmpty ? .brushed : Surface(rawValue: String(word)) else {
            let known = Surface.allCases.map(\.rawValue).joined(separator: ", ")
            throw CommandFailure("There is no simulated surface '\(word)'. Surfaces: \(known).")
        }
        let settings = LineSettings(
            surface: surface, form: .parts, seed: 1, size: options.size ?? Size(width: 640, height: 480),
            defectsPerMillion: 20_000)
        let pace = SimulatedPace(
            framesPerSecond: options.fps > 0 ? options.fps : 10, frameCount: nil, bufferCount: options.buffers
        )
        guard let pixels = PixelFormat(rawValue: options.format ?? "GREY") else {
            throw CommandFailure("The simulated line has no format '\(options.format ?? "")': GREY or RGB3.")
        }
        return CameraChoice(
            camera: try SimulatedCamera(settings, pixels: pixels, pace: pace), recording: nil)
    }

    /// Whether `path` is a folder or an ordinary file: a device is neither.
    private static func isFolderOrFile(_ path: String) -> Bool {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return false }
        let kind = status.st_mode & S_IFMT
        return kind == S_IFDIR || kind == S_IFREG
    }
}
