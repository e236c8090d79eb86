import Glibc
public import Imaging

/// Rate, jitter and losses of a run of frames, from their headers.
public struct RateMeter: Sendable {
    /// Frames that came, refused ones too.
    public private(set) var frameCount = 0
    /// Frames that the driver numbered and nobody got.
    public private(set) var lostCount = 0
    /// Frames that the driver marked as damaged.
    public private(set) var damagedCount = 0
    private var first: Int64 = 0
    private var last: Int64 = 0
    // Welford's running variance of the intervals, in seconds.
    private var intervalCount = 0.0
    private var mean = 0.0
    private var squares = 0.0

    public init() {}

    /// Takes the next frame into account. Allocation-free.
    public mutating func add(_ header: FrameHeader) {
        let time = header.driverNanoseconds
        lostCount += Int(header.lostCount)
        damagedCount += header.hasError ? 1 : 0
        if frameCount == 0 {
            first = time
        } else if header.lostCount == 0 {
            // A gap is a loss, not a late frame.
            let interval = Double(time - last) / 1e9
            intervalCount += 1
            let change = interval - mean
            mean += change / intervalCount
            squares += change * (interval - mean)
        }
        last = time
        frameCount += 1
    }

    /// Frames per second that came, by the driver's clock; 0 before the second.
    public var framesPerSecond: Double {
        frameCount > 1 && last > first ? Double(frameCount - 1) / (Double(last - first) / 1e9) : 0
    }

    /// Standard deviation of the time between frames that follow each other.
    public var jitterMilliseconds: Double {
        intervalCount > 1 ? (squares / (intervalCount - 1)).squareRoot() * 1000 : 0
    }
}
