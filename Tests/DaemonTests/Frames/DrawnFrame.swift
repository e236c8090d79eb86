import Capture
import Imaging

/// Frames that lend memory of the test's.
enum DrawnFrame {
    @safe
    private final class Storage: Sendable {
        nonisolated(unsafe) let bytes: UnsafeMutableRawBufferPointer

        init(_ content: [UInt8]) {
            // Written here alone, before any frame lends it; freed with the last of them.
            unsafe bytes = .allocate(byteCount: max(1, content.count), alignment: 64)
            unsafe bytes.copyBytes(from: content)
        }

        deinit { unsafe bytes.deallocate() }
    }

    /// A grey frame of `size` whose rows lie behind each other.
    static func grey(_ size: Size, _ bytes: [UInt8], _ header: FrameHeader = FrameHeader()) -> Frame {
        make(.grey, size, bytesPerRow: size.width, bytes, header)
    }

    /// A frame of which every byte is `value`.
    static func plain(_ size: Size, _ value: UInt8, _ header: FrameHeader = FrameHeader()) -> Frame {
        grey(size, [UInt8](repeating: value, count: size.pixelCount), header)
    }

    static func make(
        _ format: PixelFormat, _ size: Size, bytesPerRow: Int, _ bytes: [UInt8], _ header: FrameHeader
    ) -> Frame {
        let storage = Storage(bytes)
        let format = StreamFormat(pixelFormat: format, size: size, bytesPerRow: bytesPerRow)
        // The frame keeps the storage through its returns.
        return unsafe Frame(
            header: header, format: format,
            unsafeBytes: UnsafeRawBufferPointer(rebasing: storage.bytes[..<bytes.count]),
            returns: FrameReturns(keeping: storage), index: 0)
    }
}
