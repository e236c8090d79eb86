/// What is known of a frame beside its pixels.
///
/// Times are nanoseconds of the monotonic clock, so that they can be subtracted from each other whatever
/// happens to the wall clock.
public struct FrameHeader: Hashable, BitwiseCopyable, Sendable {
    /// The camera's number in the settings, 1...32; 0 for a camera that has none.
    public var camera: UInt8 = 0
    /// The driver's number of this frame, as it came; starts again when streaming does.
    public var sequence: UInt32 = 0
    /// Frames that the driver numbered and never handed over, between the one before and this one.
    public var lostCount: UInt32 = 0
    /// When the driver stamped the frame (end of exposure, or start where the driver says so).
    public var driverNanoseconds: Int64 = 0
    /// When it was taken out of the driver's queue.
    public var arrivalNanoseconds: Int64 = 0
    /// The bytes that the driver says it filled.
    public var bytesUsed: UInt32 = 0
    /// The driver marked the buffer as damaged; its pixels must not be judged.
    public var hasError = false
    /// The encoder's count at the first line, where `hasEncoder`.
    public var encoder: Int32 = 0
    public var hasEncoder = false
    /// Position of the first line since the start of the stream, and the lines that are real; only of strips.
    public var firstLine: UInt64 = 0
    public var validLineCount: UInt32 = 0
    /// The place that the frame was given when it was admitted to the inspection; 0: none.
    public var ticket: UInt16 = 0
    /// What is to be said of the lines; only of strips.
    public var lineFlags: LineFlags = []

    public init() {}
}
