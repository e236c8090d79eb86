public import Imaging

/// A source of frames, driven by the one thread that owns it.
///
/// Cameras have no thread and no clock-driven work of their own: whoever owns one calls `next` in a loop
/// and gets, in order, everything that happens to it. That makes a fake, a recording and a real device
/// the same thing to all of the product, and every rule of the life cycle testable without waiting.
public protocol Camera: ~Copyable {
    /// Waits for the next thing that happens, `timeoutMilliseconds` at most, and says what it was.
    ///
    /// Blocks without using the processor. Never throws: whatever goes wrong is a change of state, with
    /// its reason. Allocation-free while streaming.
    mutating func next(timeoutMilliseconds: Int32) -> CameraSignal

    /// What the frames look like now; nil until the format was negotiated.
    var format: StreamFormat? { get }

    /// Stops streaming, unmaps and closes everything; `next` opens it again.
    mutating func close()
}

/// What `Camera.next` came back with.
public enum CameraSignal: ~Copyable {
    /// A frame; it goes back to the driver when the value ends.
    case frame(Frame)
    /// A frame came while all buffers that may be on loan were: it went straight back to the driver, and only
    /// its header is left. It counts as seen, not as lost.
    case refused(FrameHeader)
    /// The state changed.
    case transition(CameraTransition)
    /// Nothing happened within the time.
    case nothing
    /// A recording or folder is played to its end. Never from a device.
    case ended
}

/// Size, pixel format and rate of a stream.
public struct StreamFormat: Hashable, Sendable {
    public var pixelFormat: PixelFormat
    public var size: Size
    /// Bytes from one row to the next.
    public var bytesPerRow: Int
    /// Frames per second that the driver granted; 0 where it does not say.
    public var framesPerSecond: Double

    public init(pixelFormat: PixelFormat, size: Size, bytesPerRow: Int, framesPerSecond: Double = 0) {
        self.pixelFormat = pixelFormat
        self.size = size
        self.bytesPerRow = bytesPerRow
        self.framesPerSecond = framesPerSecond
    }
}
