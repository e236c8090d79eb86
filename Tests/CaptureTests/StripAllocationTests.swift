import CAllocationCounter
import Capture
import Imaging
import Testing

struct StripAllocationTests {
    @Test("a strip allocates nothing, whatever the height of the blocks", arguments: [1, 7, 64, 300])
    func allocations(blockHeight: Int) throws {
        let layout = try StripLayout(height: 64, overlap: 8, lentStrips: 3, countsPerLine: 2)
        var camera = LineScanCamera(
            EndlessLines(width: 100, height: blockHeight), layout: layout, timeoutMilliseconds: 1000,
            bufferCount: 8)
        // The first look makes the memory.
        var stripCount = camera.takeStrips(10)
        let before = ca_thread_allocations()
        stripCount += camera.takeStrips(1000)
        let allocations = ca_thread_allocations() - before
        #expect(stripCount == 1010)
        #expect(allocations == 0)
    }

    @Test("where the source says what comes, memory for the strips is there before its first block")
    func early() throws {
        let layout = try StripLayout(height: 64, overlap: 8, lentStrips: 3)
        var camera = LineScanCamera(Silence(), layout: layout, timeoutMilliseconds: 1000)
        #expect(camera.format == nil)
        guard case .nothing = camera.next(timeoutMilliseconds: 0) else {
            Issue.record("a silent camera gave something")
            return
        }
        #expect(camera.format?.size == Size(width: 100, height: 64))
    }
}

/// A camera that knows its lines and gives none.
private struct Silence: Camera, ~Copyable {
    let format: StreamFormat? = StreamFormat(
        pixelFormat: .grey, size: Size(width: 100, height: 1), bytesPerRow: 128)

    mutating func next(timeoutMilliseconds: Int32) -> CameraSignal { .nothing }
    mutating func close() {}
}

extension LineScanCamera where Source == EndlessLines {
    /// Takes `count` strips, the damaged blocks' incomplete ones too, and gives each back at once.
    fileprivate mutating func takeStrips(_ count: Int) -> Int {
        var taken = 0
        while taken < count {
            guard case .frame(let strip) = next(timeoutMilliseconds: 0) else { continue }
            if strip.view == nil { return taken }
            taken += 1
        }
        return taken
    }
}

/// The same block of lines again and again, with its number and its encoder count; one in 50 is damaged, and
/// before another one in 50 two were lost.
private struct EndlessLines: Camera, ~Copyable {
    let format: StreamFormat?
    private let looks: StreamFormat
    private let storage: Storage
    private let returns: FrameReturns
    private var number = 0

    @safe
    private final class Storage: Sendable {
        nonisolated(unsafe) let bytes: UnsafeMutableRawBufferPointer
        init(byteCount: Int) {
            // Written here only; freed with the last frame that lends it.
            unsafe bytes = .allocate(byteCount: byteCount, alignment: 64)
            unsafe bytes.initializeMemory(as: UInt8.self, repeating: 3)
        }
        deinit { unsafe bytes.deallocate() }
    }

    init(width: Int, height: Int) {
        looks = StreamFormat(
            pixelFormat: .grey, size: Size(width: width, height: height), bytesPerRow: width)
        format = looks
        storage = Storage(byteCount: width * height)
        returns = FrameReturns(keeping: storage)
    }

    mutating func next(timeoutMilliseconds: Int32) -> CameraSignal {
        var header = FrameHeader()
        header.sequence = UInt32(number)
        header.hasEncoder = true
        header.encoder = Int32(truncatingIfNeeded: number * looks.size.height * 2)
        header.hasError = number % 50 == 49
        header.lostCount = number % 50 == 20 ? 2 : 0
        number += 1
        // The same memory for all: nothing here looks at the pixels of two blocks.
        return unsafe .frame(
            Frame(
                header: header, format: looks, unsafeBytes: UnsafeRawBufferPointer(storage.bytes),
                returns: returns, index: 0))
    }

    mutating func close() {}
}
