/// The mapped buffers of one stream, and the node they keep open.
///
/// Unmapped by `unmap`, or when the last reference goes: the camera's, or that of a frame that outlived it. A
/// device that was unplugged can only come back when its last mapping is gone.
@safe
final class VideoBuffers: @unchecked Sendable {
    // @unchecked: filled before the first frame exists; then constant until `unmap`, which runs when no frame
    // is left, or deinit, when no reference is.
    private let node: VideoNode
    private(set) var mappings: [UnsafeRawBufferPointer] = unsafe []
    /// How many are mapped.
    var count: Int { unsafe mappings.count }

    init(of node: VideoNode) { self.node = node }

    deinit { unmap() }

    /// Maps `length` bytes at `offset` of the device's memory as the next buffer; false if it refuses.
    func map(length: Int, offset: Int) -> Bool {
        guard let address = unsafe node.driver.map(node.descriptor, length, offset) else { return false }
        unsafe mappings.append(UnsafeRawBufferPointer(start: address, count: length))
        return true
    }

    /// Ends all mappings. No frame may look at one any more.
    func unmap() {
        for index in 0..<count {
            let mapping = unsafe mappings[index]
            unsafe node.driver.unmap(
                UnsafeMutableRawPointer(mutating: mapping.baseAddress!), mapping.count)
        }
        unsafe mappings = unsafe []
    }
}
