import Imaging
import Testing

/// Rectangles, and which of them lie in a frame.
struct RegionTests {
    private let frame = Size(width: 10, height: 6)

    @Test("a region is contained if all of its pixels, at least one, are in the frame")
    func containment() {
        #expect(Region(all: frame).isContained(in: frame))
        #expect(Region(x: 9, y: 5, width: 1, height: 1).isContained(in: frame))
        for region in [
            Region(x: 0, y: 0, width: 0, height: 1), Region(x: 9, y: 0, width: 2, height: 1),
            Region(x: -1, y: 0, width: 2, height: 2), Region(x: 0, y: 6, width: 1, height: 1),
            Region(x: Int.max, y: 0, width: 1, height: 1), Region(x: 1, y: 1, width: Int.max, height: 1),
            Region(x: Int.min, y: Int.min, width: Int.max, height: Int.max),
        ] {
            #expect(!region.isContained(in: frame), "\(region)")
        }
    }

    @Test("clipping keeps exactly the pixels that are in the frame")
    func clipping() {
        for x in -4...12 {
            for width in -1...16 {
                let clipped = Region(x: x, y: 2, width: width, height: 3).clipped(to: frame)
                let columns = (0..<10).filter { $0 >= x && $0 < x + width }
                #expect(clipped?.x == columns.first, "\(x) \(width)")
                #expect(clipped?.width ?? 0 == columns.count, "\(x) \(width)")
            }
        }
        let huge = Region(x: Int.min + 1, y: -5, width: Int.max, height: Int.max).clipped(to: frame)
        #expect(huge == nil)
        #expect(
            Region(x: 4, y: -5, width: Int.max, height: Int.max).clipped(to: frame)?.size
                == Size(width: 6, height: 6))
        #expect(Region(x: Int.max, y: 0, width: 1, height: 1).clipped(to: frame) == nil)
    }
}

/// The formats and the view of a frame.
struct ImageViewTests {
    @Test(
        "a frame has the bytes that V4L2 gives it",
        arguments: [
            (PixelFormat.grey, 48), (.y10, 96), (.y16BigEndian, 96), (.yuyv, 96), (.nv12, 72), (.nv16, 96),
            (.rgb24, 144), (.bayerRGGB8, 48), (.bayerRGGB10, 96),
        ])
    func byteCounts(format: PixelFormat, count: Int) {
        #expect(format.byteCount(height: 6, bytesPerRow: format.minimumBytesPerRow(width: 8)) == count)
    }

    @Test(
        "a view takes the last row without its padding, and not a byte less", arguments: PixelFormat.allCases)
    func shortBuffers(format: PixelFormat) {
        let size = Size(width: 8, height: 6), pitch = format.minimumBytesPerRow(width: 8) + 5
        let needed = format.byteCount(height: 6, bytesPerRow: pitch) - 5
        func view(_ count: Int, _ size: Size, _ pitch: Int) throws {
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
            defer { unsafe memory.deallocate() }
            _ = try unsafe ImageView(
                unsafeBytes: UnsafeRawBufferPointer(memory), format: format, size: size, bytesPerRow: pitch)
        }
        #expect(throws: Never.self) { try view(needed, size, pitch) }
        #expect(throws: ImagingError.self) { try view(needed - 1, size, pitch) }
        #expect(throws: ImagingError.self) { try view(needed, size, format.minimumBytesPerRow(width: 8) - 1) }
        #expect(throws: ImagingError.self) { try view(needed, Size(width: 0, height: 6), pitch) }
        #expect(throws: ImagingError.self) { try view(needed, size, Int.max) }
        if format.granularity.width == 2 {
            #expect(throws: ImagingError.self) { try view(needed, Size(width: 7, height: 6), pitch) }
        }
    }
}
