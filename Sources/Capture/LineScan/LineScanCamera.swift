import Imaging
import Platform

/// A camera whose frames are strips of lines, put together from the frames of another camera.
///
/// The other may be a line-scan camera with any number of lines per buffer, or an area camera whose rows are
/// taken for lines. A lost or damaged block, a pause longer than the time limit, a change of direction and every
/// change of state close the strip in the making, which is then delivered as incomplete. While all strips are on
/// loan, lines wait in the buffers of the other camera; what does not fit there is lost there, and counted.
public struct LineScanCamera<Source: Camera & ~Copyable>: Camera, ~Copyable {
    private var source: Source
    private let layout: StripLayout
    private let timeoutNanoseconds: Int
    private let clock: @Sendable () -> Int
    private let sleep: @Sendable (_ nanoseconds: Int) -> Void
    private var pacing: BlockPacing
    /// Whether the thread has slept since the last block.
    private var hasPaused = false
    private var assembler: StripAssembler?

    /// The block whose rows from `row` on are still to be taken. The view is valid as long as the frame is held.
    private var block: Frame?
    private var blockView: ImageView?
    private var row = 0
    private var lastBlockTime = 0
    /// What came after the strip that had to be delivered first.
    private var waiting = CameraSignal.nothing
    private var isWaiting = false
    /// Why the last block could not be assembled; nil if it could.
    public private(set) var error: LineScanError?

    /// - Parameters:
    ///   - timeoutMilliseconds: a strip without a new line for so long is closed.
    ///   - bufferCount: buffers that `source` fills while nobody looks. Where its blocks are small and frequent, an
    ///     eighth of them may fill, for 1 ms at most, before the thread wakes up; 0 wakes it for each.
    public init(
        _ source: consuming Source, layout: StripLayout, timeoutMilliseconds: Int, bufferCount: Int = 0
    ) {
        self.init(
            source, layout: layout, timeoutMilliseconds: timeoutMilliseconds, bufferCount: bufferCount,
            clock: { MonotonicClock.now }, sleep: { MonotonicClock.sleep(nanoseconds: $0) })
    }

    package init(
        _ source: consuming Source, layout: StripLayout, timeoutMilliseconds: Int, bufferCount: Int = 0,
        clock: @escaping @Sendable () -> Int,
        sleep: @escaping @Sendable (_ nanoseconds: Int) -> Void = { MonotonicClock.sleep(nanoseconds: $0) }
    ) {
        self.source = source
        self.layout = layout
        timeoutNanoseconds = timeoutMilliseconds * 1_000_000
        pacing = BlockPacing(bufferCount: bufferCount)
        self.clock = clock
        self.sleep = sleep
    }

    /// What the strips look like; nil until the source says what its blocks look like.
    public private(set) var format: StreamFormat?

    /// The next line will have the number 0, and is certain of it.
    public mutating func close() {
        source.close()
        releaseBlock()
        assembler = nil
        format = nil
        _ = takeWaiting()
    }

    public mutating func next(timeoutMilliseconds: Int32) -> CameraSignal {
        // Memory for the strips takes milliseconds: before the first line where the source knows what comes, so that the
        // first lines do not wait for it.
        if assembler == nil, let looks = source.format { makeAssembler(for: looks) }
        let deadline = clock() + Int(timeoutMilliseconds) * 1_000_000
        while true {
            if let strip = assembler?.takeStrip() { return .frame(strip) }
            if isWaiting { return takeWaiting() }
            if block != nil {
                guard appendRows() || deadline > clock() else { return .nothing }
                continue
            }
            let remaining = max(0, deadline - clock())
            let mayPause = pacing.pause > 0 && !hasPaused && remaining > 0
            let signal = source.next(
                timeoutMilliseconds: mayPause ? 0 : Int32((remaining + 999_999) / 1_000_000))
            switch consume signal {
            case .frame(let frame):
                lastBlockTime = clock()
                hasPaused = false
                pacing.took(at: lastBlockTime, lostCount: frame.header.lostCount)
                take(frame)
            case .nothing where mayPause:
                // All buffers are back at the driver: it may fill some.
                hasPaused = true
                sleep(min(pacing.pause, remaining))
            case .nothing:
                if assembler?.hasOpenLines == true, clock() - lastBlockTime >= timeoutNanoseconds {
                    assembler?.close()
                } else if clock() >= deadline {
                    return .nothing
                }
            case .refused(let header):
                // Seen and gone: for the lines that is a loss like any other.
                assembler?.begin(damaged: header)
                deliverLater(.refused(header))
            case .transition(let transition):
                if [.lost, .absent, .wrong, .disabled].contains(transition.to) { assembler?.skip(nil) }
                deliverLater(.transition(transition))
            case .ended:
                assembler?.close()
                deliverLater(.ended)
            }
        }
    }

    private mutating func releaseBlock() {
        blockView = nil
        block = nil
    }

    private mutating func deliverLater(_ signal: consuming CameraSignal) {
        waiting = signal
        isWaiting = true
    }

    private mutating func takeWaiting() -> CameraSignal {
        var signal = CameraSignal.nothing
        swap(&signal, &waiting)
        isWaiting = false
        return signal
    }

    private mutating func take(_ frame: consuming Frame) {
        let header = frame.header
        guard !header.hasError, let view = frame.view else {
            assembler?.begin(damaged: header)
            return
        }
        makeAssembler(for: frame.format)
        guard assembler != nil else { return }
        assembler?.begin(header, lineCount: view.size.height)
        block = consume frame
        blockView = view
        row = 0
    }

    /// Makes one where there is none, or where the lines changed their looks.
    private mutating func makeAssembler(for lines: StreamFormat) {
        var firstLine: UInt64 = 0
        if let format = assembler?.format, let next = assembler?.nextLine {
            if format.pixelFormat == lines.pixelFormat, format.size.width == lines.size.width { return }
            firstLine = next
            assembler?.close()
            if let strip = assembler?.takeStrip() { deliverLater(.frame(strip)) }
        }
        do throws(LineScanError) {
            assembler = try StripAssembler(layout, lines: lines, firstLine: firstLine)
            format = assembler?.format
            error = nil
        } catch {
            assembler = nil
            self.error = error
        }
    }

    /// False if all memory is on loan; then it has slept a little.
    private mutating func appendRows() -> Bool {
        guard let view = blockView, let taken = assembler?.append(view, from: row) else {
            releaseBlock()
            return true
        }
        row += taken
        if row == view.size.height { releaseBlock() }
        if taken == 0, assembler?.isStripReady == false {
            MonotonicClock.sleep(nanoseconds: 500_000)
            return false
        }
        return true
    }
}

// The view that is not Sendable is of a block that this value owns; the rest is.
extension LineScanCamera: @unchecked Sendable where Source: Sendable & ~Copyable {}
