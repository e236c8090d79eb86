import Capture
import Glibc
import Imaging
import Platform

/// What the assembly of lines cost on one thread, beside a bare copy of the same lines.
struct LineSpeed {
    let linesPerSecond: Double
    let width: Int
    let blockLines, stripLines, overlapLines: Int
    let sentLines, assembledLines, lostLines, strips: Int
    let seconds: Double
    /// Shares of one core: everything, the copy alone, and taking the blocks from their source alone.
    let assemblyShare, copyShare, sourceShare: Double
    /// How long a filled block waited at most, and how long the buffers last: beyond that lines are lost.
    let longestWaitMicroseconds, buffersMicroseconds: Int
    /// All but the copy.
    var besideCopyShare: Double { assemblyShare - copyShare }

    /// Sends `seconds` of lines twice: to an assembler, and to memcpy into memory of the same size.
    ///
    /// - Parameter linesPerSecond: 0: as many as can be taken; `seconds` then counts lines at 20,000 a second.
    static func measured(
        linesPerSecond: Int, width: Int, blockLines: Int, bufferCount: Int, strip: StripLayout, seconds: Int
    ) throws -> LineSpeed {
        let blockCount = max(1, (linesPerSecond > 0 ? linesPerSecond : 20_000) * seconds / blockLines)
        let looks = StreamFormat(
            pixelFormat: .grey, size: Size(width: width, height: blockLines),
            bytesPerRow: (width + 63) / 64 * 64)
        func lines() throws -> PacedLines {
            try PacedLines(
                blocks: looks, bufferCount: bufferCount, blockCount: blockCount,
                linesPerSecond: linesPerSecond)
        }

        let source = try lines()
        let longestWait = source.longestWait
        var camera = LineScanCamera(
            source, layout: strip, timeoutMilliseconds: 1000, bufferCount: bufferCount)
        var assembled = 0, strips = 0, lost = 0
        let begun = MonotonicClock.now, busy = ThreadClock.now
        assembly: while true {
            switch camera.next(timeoutMilliseconds: 100) {
            case .frame(let frame):
                // Strips overlap: what counts is where the last line is.
                let end = Int(frame.header.firstLine) + Int(frame.header.validLineCount)
                assembled = max(assembled, end)
                lost += Int(frame.header.lostCount) * blockLines
                strips += 1
            case .ended: break assembly
            default: break
            }
        }
        let took = MonotonicClock.now - begun
        let assemblyTime = ThreadClock.now - busy

        let (copyTime, sourceTime) = try copied(try lines(), like: strip, looks)
        return LineSpeed(
            linesPerSecond: Double(assembled) / (Double(took) / 1e9), width: width, blockLines: blockLines,
            stripLines: strip.height, overlapLines: strip.overlap, sentLines: blockCount * blockLines,
            assembledLines: assembled - lost,
            lostLines: blockCount * blockLines - assembled + lost, strips: strips,
            seconds: Double(took) / 1e9,
            assemblyShare: Double(assemblyTime) / Double(took), copyShare: Double(copyTime) / Double(took),
            sourceShare: Double(sourceTime) / Double(took),
            longestWaitMicroseconds: longestWait.nanoseconds / 1_000,
            buffersMicroseconds: linesPerSecond > 0
                ? bufferCount * blockLines * 1_000_000 / linesPerSecond : 0)
    }

    /// The nanoseconds of this thread in memcpy alone, for all blocks of `camera`, and in all the rest: waiting
    /// for a block and taking it.
    private static func copied(
        _ camera: consuming PacedLines, like strip: StripLayout, _ looks: StreamFormat
    ) throws -> (copy: Int, source: Int) {
        var camera = camera
        let blockByteCount = looks.bytesPerRow * looks.size.height
        let places = max(1, (strip.lentStrips + 1) * strip.height / looks.size.height)
        let target = try Memory(byteCount: places * blockByteCount)
        var time = 0, place = 0
        let start = ThreadClock.now
        while true {
            switch camera.next(timeoutMilliseconds: 100) {
            case .frame(let frame):
                guard let view = frame.view else { continue }
                let begun = ThreadClock.now
                // Inside both: the target has `places` blocks.
                unsafe memcpy(target.base + place * blockByteCount, view.bytes.baseAddress!, blockByteCount)
                time += ThreadClock.now - begun
                place = (place + 1) % places
            case .ended: return (time, ThreadClock.now - start - time)
            default: continue
            }
        }
    }
}
