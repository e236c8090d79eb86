import Glibc
public import Imaging
import Platform

// How lines become strips
//
// The lines lie in a ring of memory that is mapped twice in a row. Each line is copied into it once; a strip is
// a window of H rows over it, lent without a copy, and the overlap is simply where two windows lie on each
// other. The mirror makes a window over the end of the ring one piece.
//
//      ring   | ... o |        H - o        | o | ...
//             [--------- strip k ---------------]
//                                           [--------- strip k + 1 ...
//
// A strip that is closed early keeps all of its H rows of the ring, those without a line zeroed; the next strip
// then begins behind it, with an overlap that is filled by new lines like all the rest. A row that is on loan
// is never written: a strip is begun only when its whole window and a place for its loan are free.

/// Assembles blocks of lines of any height into strips, which it lends as frames.
///
/// Feed it with `begin` for each block, then `append` until all rows of the block are taken; take each strip
/// that becomes ready with `takeStrip`. Allocation-free after `init`. The lines are numbered from the start of
/// the stream.
public struct StripAssembler: ~Copyable {
    public let layout: StripLayout
    /// What the strips look like.
    public let format: StreamFormat

    private let memory: MirroredMemory
    private let returns: FrameReturns
    private let rowByteCount: Int
    private let capacity: Int
    /// Where each strip on loan begins, in lines of the ring ever used; valid where `lent` has a bit.
    private var lentStarts: [Int]
    private var lent: UInt64 = 0

    /// Where the strip in the making begins, in lines of the ring ever used.
    private var start = 0
    /// Its real lines, and how many of them the strip before has not.
    private var count = 0
    private var newCount = 0
    /// The loan it will be, once its window is free.
    private var slot: Int?
    private var firstLine: UInt64
    private var header = FrameHeader()
    private var flags: LineFlags = []
    private var ready: Frame?

    private var encoder: EncoderTrack
    private var lastBlockLineCount: Int?
    private var blocksHaveOneHeight = true
    /// Whether lines were lost that nobody could count.
    private var isUncertain = false

    /// Throws `LineScanError` if lines of `format` cannot be assembled or there is no memory for them.
    public init(
        _ layout: StripLayout, lines format: StreamFormat, firstLine: UInt64 = 0
    ) throws(LineScanError) {
        let pixels = format.pixelFormat
        guard pixels.planeCount == 1, pixels.granularity.height == 1 else { throw .unsuitableFormat(pixels) }
        let rowByteCount = pixels.minimumBytesPerRow(width: format.size.width)
        let bytesPerRow = (rowByteCount + 63) / 64 * 64
        // 64 rows of a multiple of 64 bytes are whole pages.
        let capacity = ((layout.lentStrips + 1) * layout.height + 63) / 64 * 64
        do throws(PlatformError) {
            memory = try MirroredMemory(byteCount: capacity * bytesPerRow)
        } catch {
            throw .noMemory(error.description)
        }
        self.layout = layout
        self.format = StreamFormat(
            pixelFormat: pixels, size: Size(width: format.size.width, height: layout.height),
            bytesPerRow: bytesPerRow, framesPerSecond: 0)
        self.rowByteCount = rowByteCount
        self.capacity = capacity
        self.firstLine = firstLine
        returns = FrameReturns(keeping: memory)
        lentStarts = Array(repeating: 0, count: layout.lentStrips)
        encoder = EncoderTrack(lineCapacity: layout.height, countsPerLine: layout.countsPerLine)
    }

    /// The number that the next line will have.
    public var nextLine: UInt64 { firstLine + UInt64(count) }

    /// Whether lines wait in a strip that is not full.
    public var hasOpenLines: Bool { newCount > 0 }

    /// Whether a strip waits for `takeStrip`.
    public var isStripReady: Bool { ready != nil }

    /// The strip that became ready last, or nil. Nothing can be appended before it is taken.
    public mutating func takeStrip() -> Frame? {
        var strip: Frame?
        swap(&strip, &ready)
        return strip
    }
}

// Lines in.
extension StripAssembler {
    /// Tells of the next block: `lineCount` lines with `block` for a header. Lost blocks before it and a change
    /// of direction close the strip in the making, which is then ready.
    ///
    /// - Precondition: no strip is ready.
    public mutating func begin(_ block: FrameHeader, lineCount: Int) {
        if block.lostCount > 0 { skip(lostLineCount(before: block)) }
        if let last = lastBlockLineCount, last != lineCount { blocksHaveOneHeight = false }
        lastBlockLineCount = lineCount
        if block.hasEncoder {
            if encoder.isTurn(block.encoder) {
                // Where in the blocks before it turned, nobody knows.
                if newCount > 0 { flags.formUnion([.uncertain, .repeated]) }
                close()
            }
            encoder.note(block.encoder, at: nextLine)
        }
        header.camera = block.camera
        header.driverNanoseconds = block.driverNanoseconds
        header.arrivalNanoseconds = block.arrivalNanoseconds
        header.hasEncoder = block.hasEncoder
        header.lostCount += block.lostCount
        if newCount == 0 { header.sequence = block.sequence }
        if encoder.isBehind || encoder.isReversing { flags.insert(.repeated) }
    }

    /// Tells of a block that came and whose lines cannot be used. Closes the strip in the making.
    ///
    /// - Precondition: no strip is ready.
    public mutating func begin(damaged block: FrameHeader) {
        let before = lostLineCount(before: block)
        if let before, let own = lastBlockLineCount {
            skip(before + UInt64(own))
        } else {
            skip(nil)
        }
        header.lostCount += block.lostCount + 1
    }

    /// Copies rows of `block` from `row` on, as many as the strip takes, and returns how many that were: 0 if a
    /// strip is ready, or if all memory is on loan (`isStripReady` tells them apart).
    ///
    /// - Precondition: `block` has the format and width that the assembler was made for.
    public mutating func append(_ block: ImageView, from row: Int) -> Int {
        precondition(
            block.format == format.pixelFormat && block.size.width == format.size.width
                && 0..<block.size.height ~= row, "row \(row) of \(block.size)")
        guard ready == nil, slot != nil || reserveWindow() else { return 0 }
        let taken = min(block.size.height - row, layout.height - count)
        copy(taken, rowsOf: block, from: row)
        count += taken
        newCount += taken
        if count == layout.height { finish() }
        return taken
    }

    /// Closes the strip in the making: its missing rows are zeroed and it is ready, unless no line of it is new.
    /// The next strip begins with the next line, its overlap all new.
    public mutating func close() {
        guard newCount > 0 else {
            // Nothing but the overlap: the strip before has shown it.
            start += count
            firstLine += UInt64(count)
            count = 0
            return
        }
        let offset = (start % capacity + count) * format.bytesPerRow
        unsafe (memory.base + offset).initializeMemory(
            as: UInt8.self, repeating: 0, count: (layout.height - count) * format.bytesPerRow)
        flags.insert(.incomplete)
        lend()
        start += layout.height
        firstLine += UInt64(count)
        begin(with: 0)
    }

    /// Moves the numbering on by `lost` lines, nil if nobody knows how many: then strips are `.uncertain` as long
    /// as this assembler lives, since no driver tells of an index mark. Closes the strip in the making.
    ///
    /// - Precondition: no strip is ready.
    public mutating func skip(_ lost: UInt64?) {
        close()
        firstLine += lost ?? 0
        encoder.forget()
        if lost == nil { isUncertain = true }
    }

    /// Lines in the buffers that the driver lost before `block`; nil if that cannot be told.
    private func lostLineCount(before block: FrameHeader) -> UInt64? {
        guard block.lostCount > 0, let height = lastBlockLineCount else { return 0 }
        if blocksHaveOneHeight { return UInt64(block.lostCount) * UInt64(height) }
        guard block.hasEncoder, let lines = encoder.lineCount(until: block.encoder) else { return nil }
        return UInt64(max(0, lines - height))
    }
}

// Strips out.
extension StripAssembler {
    /// Finds the strip in the making a place; false if its window or every loan is still out.
    private mutating func reserveWindow() -> Bool {
        lent &= ~returns.collect()
        let end = start + layout.height
        for index in 0..<layout.lentStrips where lent >> UInt64(index) & 1 == 1 {
            // Lines of the ring come round again after `capacity`.
            guard end - lentStarts[index] <= capacity else { return false }
        }
        let free = (~lent).trailingZeroBitCount
        guard free < layout.lentStrips else { return false }
        slot = free
        return true
    }

    private mutating func copy(_ rowCount: Int, rowsOf block: ImageView, from row: Int) {
        let stride = format.bytesPerRow
        // Inside the mirror: start % capacity < capacity, and count + rowCount <= height <= capacity.
        let target = unsafe memory.base + (start % capacity + count) * stride
        // Inside the block: its invariant is that every row has its bytes.
        let source = unsafe block.bytes.baseAddress! + row * block.bytesPerRow
        if block.bytesPerRow == stride {
            unsafe memcpy(target, source, (rowCount - 1) * stride + rowByteCount)
        } else {
            for index in 0..<rowCount {
                unsafe memcpy(target + index * stride, source + index * block.bytesPerRow, rowByteCount)
            }
        }
    }

    private mutating func finish() {
        lend()
        let step = layout.height - layout.overlap
        start += step
        firstLine += UInt64(step)
        begin(with: layout.overlap)
    }

    private mutating func begin(with overlap: Int) {
        count = overlap
        newCount = 0
        slot = nil
        header.lostCount = 0
        flags = encoder.isBehind || encoder.isReversing ? .repeated : []
    }

    /// Makes the window a frame.
    private mutating func lend() {
        guard let slot else { preconditionFailure("a strip of \(newCount) new lines without a window") }
        var strip = header
        strip.firstLine = firstLine
        strip.validLineCount = UInt32(count)
        strip.bytesUsed = UInt32(count * format.bytesPerRow)
        strip.lineFlags = isUncertain ? flags.union(.uncertain) : flags
        let position = header.hasEncoder ? encoder.encoder(at: firstLine) : nil
        strip.hasEncoder = position != nil
        strip.encoder = position ?? 0
        lent |= 1 << UInt64(slot)
        lentStarts[slot] = start
        let bytes = unsafe UnsafeRawBufferPointer(
            start: memory.base + start % capacity * format.bytesPerRow,
            count: layout.height * format.bytesPerRow)
        // The window is not written before `returns` has been told of the slot, and `returns` keeps the memory.
        ready = unsafe Frame(
            header: strip, format: format, unsafeBytes: bytes, returns: returns, index: slot)
    }
}
