import Capture
import Imaging
import Platform
import Synchronization

/// A line-scan camera in memory: blocks of lines at a steady rate, lost if nobody takes them in time.
struct PacedLines: Capture.Camera, ~Copyable {
    let format: StreamFormat?
    private let looks: StreamFormat
    private let memory: Memory
    private let bufferCount: Int
    private let blockCount: Int
    private let nanosecondsPerBlock: Double
    private let returns: FrameReturns
    private var lent: UInt64 = 0
    private var number = 0
    private var lostCount: UInt32 = 0
    /// When the first block began to fill: nil before somebody looks.
    private var start: Int?
    /// How long a filled block has waited at most until somebody looked, nanoseconds. Lines are lost where this is
    /// longer than the buffers last.
    let longestWait = LongestWait()

    /// A number that outlives the camera it is of.
    final class LongestWait: Sendable {
        private let wait = Atomic<Int>(0)
        var nanoseconds: Int { wait.load(ordering: .relaxed) }
        fileprivate func note(_ nanoseconds: Int) {
            if nanoseconds > self.nanoseconds { wait.store(nanoseconds, ordering: .relaxed) }
        }
    }

    /// - Parameters:
    ///   - looks: width and lines of a block, grey.
    ///   - bufferCount: buffers that are filled in turn, as a driver has them, 1...32.
    ///   - linesPerSecond: 0: as fast as they are taken.
    init(
        blocks looks: StreamFormat, bufferCount: Int, blockCount: Int, linesPerSecond: Int
    ) throws(PlatformError) {
        self.looks = looks
        format = looks
        self.bufferCount = bufferCount
        self.blockCount = blockCount
        nanosecondsPerBlock =
            linesPerSecond > 0 ? Double(looks.size.height) * 1e9 / Double(linesPerSecond) : 0
        let byteCount = looks.bytesPerRow * looks.size.height
        memory = try Memory(byteCount: byteCount * bufferCount)
        for offset in 0..<memory.byteCount {
            // Inside the memory.
            unsafe memory.base.storeBytes(
                of: UInt8(truncatingIfNeeded: offset &* 37), toByteOffset: offset, as: UInt8.self)
        }
        returns = FrameReturns(keeping: memory)
    }

    mutating func next(timeoutMilliseconds: Int32) -> CameraSignal {
        guard number < blockCount else { return .ended }
        let start = self.start ?? MonotonicClock.now
        self.start = start
        if nanosecondsPerBlock > 0 {
            let due = start + Int(Double(number + 1) * nanosecondsPerBlock)
            let now = MonotonicClock.now
            if due > now {
                guard timeoutMilliseconds > 0 else { return .nothing }
                MonotonicClock.sleep(nanoseconds: min(due - now, Int(timeoutMilliseconds) * 1_000_000))
                if MonotonicClock.now < due { return .nothing }
            }
            longestWait.note(MonotonicClock.now - due)
            // The driver has filled all its buffers and overwrites none: what came after is lost.
            let late = Int(Double(MonotonicClock.now - due) / nanosecondsPerBlock)
            if late >= bufferCount {
                let lost = min(late - bufferCount + 1, blockCount - number - 1)
                lostCount += UInt32(lost)
                number += lost
            }
        }
        lent &= ~returns.collect()
        let slot = number % bufferCount
        guard lent >> UInt64(slot) & 1 == 0 else { return .nothing }
        var header = FrameHeader()
        header.sequence = UInt32(truncatingIfNeeded: number)
        header.lostCount = lostCount
        header.arrivalNanoseconds = Int64(MonotonicClock.now)
        header.driverNanoseconds = header.arrivalNanoseconds
        lostCount = 0
        number += 1
        lent |= 1 << UInt64(slot)
        // Inside the memory: slot < bufferCount.
        let byteCount = looks.bytesPerRow * looks.size.height
        let bytes = unsafe UnsafeRawBufferPointer(start: memory.base + slot * byteCount, count: byteCount)
        return unsafe .frame(
            Frame(header: header, format: looks, unsafeBytes: bytes, returns: returns, index: slot))
    }

    mutating func close() {}
}
