public import Imaging

/// How a V4L2 camera is found, set up and watched: its part of the settings file.
public struct V4L2Settings: Hashable, Sendable {
    /// What makes a frame.
    public enum Trigger: String, Hashable, Sendable {
        /// The camera's own clock.
        case free
        /// A signal at the camera; set up by the camera's own `controls`.
        case external
        /// A command; set up by the camera's own `controls`.
        case software
    }

    /// A V4L2 control by name, as `v4l2-ctl -L` shows it, or `exposure_us` or `gain`.
    public struct Control: Hashable, Sendable {
        public var name: String
        public var value: Double

        public init(_ name: String, _ value: Double) {
            self.name = name
            self.value = value
        }
    }

    /// The camera's number in the settings, 1...32; 0 for none. Goes into every frame's header.
    public var camera: UInt8 = 0
    public var identity: CameraIdentity
    /// V4L2's name of the pixel format; nil leaves it to the device.
    public var format: String?
    /// Nil leaves it to the device.
    public var size: Size?
    /// The part of the sensor; nil leaves it.
    public var crop: Region?
    /// Frames per second; 0 leaves it to the driver.
    public var framesPerSecond = 0.0
    /// Mapped buffers, 3...32. The driver always keeps two: so many frames less two can be on loan.
    public var bufferCount = 6
    public var trigger = Trigger.free
    /// Set in this order before the format. A value of 0 of `exposure_us` and `gain` leaves it.
    public var controls: [Control] = []
    /// A free camera is stalled after so long without a frame; 0 is max(3 intervals, 500 ms).
    public var stallMilliseconds: Int64 = 0
    /// How often a device is asked whether it is there while no frame is due.
    public var pingMilliseconds: Int64 = 2000
    /// The first and the longest wait between two attempts to open.
    public var reconnectMilliseconds: ClosedRange<Int64> = 200...10_000

    /// Everything but the identity as in an empty settings file, format and size left to the device.
    public init(identity: CameraIdentity) { self.identity = identity }

    /// After how many nanoseconds without a frame a stream of `rate` frames/s (0: unknown) has stalled.
    func stallNanoseconds(rate: Double) -> Int64 {
        guard stallMilliseconds == 0 else { return stallMilliseconds * 1_000_000 }
        // A driver that does not tell its rate may be as slow as one frame per second.
        let interval = rate > 0 ? 1e9 / rate : 1e9
        return max(Int64(min(3 * interval, 600e9)), 500_000_000)
    }
}
