import Capture

/// The camera that an operator names on the command line, open.
struct CameraChoice: ~Copyable {
    var camera: any Capture.Camera & ~Copyable
    /// What it plays, if it is no device.
    let recording: Recording?

    /// The camera `name`: the folder of a recording or of images, or the file of a recording, played as fast as
    /// its frames are taken. Throws what is wrong with it and what to do.
    static func open(_ name: String) throws -> CameraChoice {
        let recording = try Recording.open(name, framesPerSecond: 10)
        let pace = ReplayPace(speed: 0, lentFrames: 4, isRestamped: false)
        return CameraChoice(camera: try ReplayCamera(recording, pace: pace), recording: recording)
    }
}
