public import Imaging
internal import Synchronization

/// One frame of a camera: its header, and its pixels lent from the memory that the driver filled.
///
/// Whoever holds it owns it; when the value ends, the buffer is free again: one atomic operation, no
/// system call, from any thread. The memory stays mapped as long as any frame of it lives.
@safe
public struct Frame: ~Copyable, @unchecked Sendable {
    public internal(set) var header: FrameHeader
    public let format: StreamFormat
    private let bytes: UnsafeRawBufferPointer
    private let returns: FrameReturns
    private let index: Int

    /// A frame over `bytes`, which must stay valid until `returns` has been told of `index`.
    package init(
        header: FrameHeader, format: StreamFormat, unsafeBytes bytes: UnsafeRawBufferPointer,
        returns: FrameReturns, index: Int
    ) {
        self.header = header
        self.format = format
        unsafe self.bytes = unsafe bytes
        self.returns = returns
        self.index = index
    }

    deinit { returns.giveBack(index) }

    /// The pixels, or nil if the buffer is too short to hold the format (`header.bytesUsed` tells).
    ///
    /// The view ends with the frame.
    public var view: ImageView? {
        try? unsafe ImageView(
            unsafeBytes: bytes, format: format.pixelFormat, size: format.size,
            bytesPerRow: format.bytesPerRow)
    }

    /// Calls `body` with all bytes that the driver filled, padding included: `header.bytesUsed`, or those of
    /// the decoded picture.
    public func withBytes<Result, Failure>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // The memory is this frame's own until it ends.
        try unsafe body(bytes.bytes)
    }
}

/// The buffers that have come back: one bit each.
///
/// Not a ring, because several workers may hold frames of one camera and give them back in any order;
/// a bit per buffer takes them all, without waiting and without a queue that could be full.
public final class FrameReturns: Sendable {
    /// Bits of the buffers that are free again and not yet collected.
    private let returned = Atomic<UInt64>(0)
    /// What the frames' bytes lie in.
    private let memory: (any AnyObject & Sendable)?

    package init() { memory = nil }

    /// For frames over `memory`, which is then freed after the last of them, not before.
    package init(keeping memory: any AnyObject & Sendable) { self.memory = memory }

    /// Marks buffer `index` (0..<64) as free. Allocation-free, wait-free.
    package func giveBack(_ index: Int) {
        returned.bitwiseOr(1 << UInt64(index), ordering: .releasing)
    }

    /// Takes all free buffers at once: one bit each. For the capture thread.
    package func collect() -> UInt64 {
        returned.exchange(0, ordering: .acquiring)
    }
}
