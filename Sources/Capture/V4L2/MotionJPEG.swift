internal import Imaging

/// The frames into which a camera's JPEG pictures are decoded: memory made once, as many as may be on loan.
@safe
final class MotionJPEG: @unchecked Sendable {
    // @unchecked: a frame's memory is written only while its number is not on loan.
    private let decoder: JPEGFrameDecoder?
    private let size: Size
    private let frameByteCount: Int
    private let memory: UnsafeMutableRawBufferPointer

    /// Frames 0..<`frameCount` of `format`, which is RGB3 without padding.
    init(frameCount: Int, _ format: StreamFormat) {
        decoder = JPEGFrameDecoder()
        size = format.size
        frameByteCount = format.bytesPerRow * format.size.height
        unsafe memory = .allocate(byteCount: frameCount * frameByteCount, alignment: 64)
        unsafe memory.initializeMemory(as: UInt8.self, repeating: 0)
    }

    deinit { unsafe memory.deallocate() }

    /// The memory of frame `index`.
    func bytes(ofFrame index: Int) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: memory[index * frameByteCount..<(index + 1) * frameByteCount])
    }

    /// Decodes `jpeg` into frame `index`; false if it is damaged beyond use or has another size.
    func decode(_ jpeg: UnsafeRawBufferPointer, frame index: Int) -> Bool {
        let target = unsafe UnsafeMutableRawBufferPointer(
            rebasing: memory[index * frameByteCount..<(index + 1) * frameByteCount])
        return unsafe decoder?.decode(jpeg, size: size, into: target) ?? false
    }
}
