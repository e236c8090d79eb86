public import Imaging
import Platform
public import SimulatedLine

/// How a simulated line comes past its camera.
public struct SimulatedPace: Hashable, Sendable {
    /// Frames per second; for a web, blocks per second. 0: as fast as frames are given back.
    public var framesPerSecond: Double
    /// Frames after which it ends; nil: never.
    public var frameCount: Int?
    /// Buffers, 1...64.
    public var bufferCount: Int

    public init(framesPerSecond: Double, frameCount: Int?, bufferCount: Int) {
        self.framesPerSecond = max(0, framesPerSecond)
        self.frameCount = frameCount
        self.bufferCount = min(max(1, bufferCount), 64)
    }
}

/// A camera over a simulated production line: one part per frame, or the segments of a web as blocks of lines.
///
/// Frame k shows part k, whatever became of those before. At a rate, a part that passes while all buffers are
/// on loan, or while the one before was still being rendered, is lost and counted, as with a real camera.
public struct SimulatedCamera: Camera, ~Copyable, Sendable {
    public let format: StreamFormat?
    public let pace: SimulatedPace

    private let looks: StreamFormat
    private var line: ProductionLine
    private let memory: Memory
    private let returns: FrameReturns
    private var lent: UInt64 = 0
    private var part = 0
    private var lostCount: UInt32 = 0
    /// When part 0 passed; nil until the camera was started.
    private var start: Int?

    /// Throws if the settings are out of range, `pixels` is neither GREY nor RGB3, or there is no memory.
    public init(_ settings: LineSettings, pixels: PixelFormat, pace: SimulatedPace) throws {
        guard pixels == .grey || pixels == .rgb24 else { throw SimulatedLineError.badFormat(pixels) }
        let looks = StreamFormat(
            pixelFormat: pixels, size: settings.size,
            bytesPerRow: pixels.minimumBytesPerRow(width: settings.size.width),
            framesPerSecond: pace.framesPerSecond)
        // The line first: it checks the size.
        let line = try ProductionLine(settings)
        let memory = try Memory(byteCount: looks.bytesPerRow * settings.size.height * pace.bufferCount)
        self.line = line
        self.memory = memory
        self.looks = looks
        self.pace = pace
        format = looks
        returns = FrameReturns(keeping: memory)
    }

    public mutating func close() {
        (start, part, lostCount) = (nil, 0, 0)
    }

    public mutating func next(timeoutMilliseconds: Int32) -> CameraSignal {
        let deadline = MonotonicClock.now + Int(timeoutMilliseconds) * 1_000_000
        guard let start else {
            start = MonotonicClock.now
            return .transition(
                CameraTransition(
                    from: .opening, to: .streaming, reason: .started,
                    timeNanoseconds: Int64(MonotonicClock.now)))
        }
        if let count = pace.frameCount, part >= count { return .ended }
        guard let due = wait(since: start, until: deadline), let slot = freePlace(until: deadline) else {
            return .nothing
        }
        return .frame(rendered(into: slot, due: due))
    }

    /// When the next part passes, having waited for it; nil if that is after `deadline`.
    private mutating func wait(since start: Int, until deadline: Int) -> Int? {
        guard pace.framesPerSecond > 0 else { return MonotonicClock.now }
        let interval = 1e9 / pace.framesPerSecond
        // Parts that passed more than one interval ago were not seen.
        let late = Int(Double(MonotonicClock.now - start) / interval) - part - 1
        if late > 0 {
            let lost = min(late, (pace.frameCount ?? .max) - part - 1)
            lostCount += UInt32(truncatingIfNeeded: lost)
            part += lost
        }
        let due = start + Int(Double(part) * interval)
        MonotonicClock.sleep(nanoseconds: min(due, deadline) - MonotonicClock.now)
        return MonotonicClock.now >= due ? due : nil
    }

    private mutating func freePlace(until deadline: Int) -> Int? {
        while true {
            lent &= ~returns.collect()
            let free = (~lent).trailingZeroBitCount
            if free < pace.bufferCount { return free }
            guard MonotonicClock.now < deadline else { return nil }
            // Giving back is one atomic operation that wakes nobody.
            MonotonicClock.sleep(nanoseconds: 200_000)
        }
    }

    private mutating func rendered(into slot: Int, due: Int) -> Frame {
        let byteCount = looks.bytesPerRow * looks.size.height
        // Inside the memory, and no frame lends this slot.
        let pixels = unsafe UnsafeMutableBufferPointer(
            start: (memory.base + slot * byteCount).assumingMemoryBound(to: UInt8.self), count: byteCount)
        var target = unsafe pixels.mutableSpan
        var header = FrameHeader()
        do throws(SimulatedLineError) {
            try line.render(part: part, as: looks.pixelFormat, into: &target)
        } catch {
            // The format and the size of the target were checked when the camera was made.
            header.hasError = true
        }
        header.sequence = UInt32(truncatingIfNeeded: part)
        header.lostCount = lostCount
        header.driverNanoseconds = Int64(due)
        header.arrivalNanoseconds = Int64(MonotonicClock.now)
        header.bytesUsed = UInt32(byteCount)
        lostCount = 0
        part += 1
        lent |= 1 << UInt64(slot)
        return unsafe Frame(
            header: header, format: looks, unsafeBytes: UnsafeRawBufferPointer(pixels), returns: returns,
            index: slot)
    }
}
