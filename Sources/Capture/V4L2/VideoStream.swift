internal import CVideo4Linux
import Glibc
internal import Imaging

/// An open, streaming device: buffers, the queue between driver and camera, and what is on loan.
///
/// Belongs to the camera's thread. Its deinit stops the stream.
@safe
final class VideoStream {
    /// What `dequeue` came back with.
    enum Dequeued: ~Copyable {
        case frame(Frame)
        /// All buffers but the driver's last two are on loan: this one went straight back.
        case refused(FrameHeader)
        /// No frame is there yet.
        case nothing
        /// The call failed with this error number.
        case failed(Int32)
    }

    /// The buffers that the driver always keeps: one it fills, one to go on with.
    static let reservedCount = 2

    let node: VideoNode
    let negotiation: FormatNegotiation
    let buffers: VideoBuffers
    let returns: FrameReturns
    /// A bit per buffer on loan.
    private(set) var loans: UInt64 = 0
    private var isStreaming = false
    private let camera: UInt8
    private let decoder: MotionJPEG?
    private let loanLimit: Int
    /// The driver's number of the frame before; nil before the first.
    private var lastSequence: UInt32?
    // One record for all calls, with its plane where the device is multi-planar; freed in deinit.
    private let record: UnsafeMutablePointer<v4l2_buffer>
    private let plane: UnsafeMutablePointer<v4l2_plane>

    /// Sets up everything from controls to STREAMON. Throws at the first call that fails, with nothing left
    /// behind.
    init(_ node: VideoNode, _ settings: V4L2Settings, negotiation: FormatNegotiation) throws(VideoError) {
        self.node = node
        self.negotiation = negotiation
        camera = settings.camera
        buffers = VideoBuffers(of: node)
        unsafe record = .allocate(capacity: 1)
        unsafe plane = .allocate(capacity: 1)
        if negotiation.route == .motionJPEG {
            let decoder = MotionJPEG(frameCount: settings.bufferCount, negotiation.stream)
            self.decoder = decoder
            returns = FrameReturns(keeping: decoder)
            loanLimit = settings.bufferCount
        } else {
            decoder = nil
            returns = FrameReturns(keeping: buffers)
            loanLimit = settings.bufferCount - Self.reservedCount
        }
        // From here on deinit runs if a call throws.
        try mapBuffers(settings.bufferCount)
        for index in 0..<settings.bufferCount {
            let code = queue(index)
            guard code >= 0 else { throw node.error(of: "VIDIOC_QBUF", code: -code) }
        }
        var type = node.bufferType
        try node.call(cv_STREAMON, "STREAMON", &type)
        isStreaming = true
    }

    deinit {
        stop()
        unsafe record.deallocate()
        unsafe plane.deallocate()
    }

    /// STREAMOFF: the driver forgets its buffers and writes to none of them any more.
    func stop() {
        guard isStreaming else { return }
        isStreaming = false
        var type = node.bufferType
        _ = node.result(of: cv_STREAMOFF, &type)
    }

    private func mapBuffers(_ count: Int) throws(VideoError) {
        var request = v4l2_requestbuffers()
        request.count = UInt32(count)
        request.type = node.bufferType
        request.memory = V4L2_MEMORY_MMAP.rawValue
        try node.call(cv_REQBUFS, "REQBUFS", &request)
        guard request.count >= count else {
            throw .refused(path: node.path, call: "VIDIOC_REQBUFS", code: ENOMEM)
        }
        for index in 0..<count {
            prepare(index)
            let code = unsafe node.driver.ioctl(node.descriptor, cv_QUERYBUF, record)
            guard code >= 0 else { throw node.error(of: "VIDIOC_QUERYBUF", code: -code) }
            let isMapped =
                node.capability.isMultiplanar
                ? unsafe buffers.map(
                    length: Int(plane.pointee.length), offset: Int(plane.pointee.m.mem_offset))
                : unsafe buffers.map(length: Int(record.pointee.length), offset: Int(record.pointee.m.offset))
            guard isMapped else { throw node.error(of: "mmap", code: ENOMEM) }
        }
    }

    /// Fills the record with buffer `index` and nothing else.
    private func prepare(_ index: Int) {
        unsafe record.initialize(to: v4l2_buffer())
        unsafe record.pointee.index = UInt32(index)
        unsafe record.pointee.type = node.bufferType
        unsafe record.pointee.memory = V4L2_MEMORY_MMAP.rawValue
        guard node.capability.isMultiplanar else { return }
        unsafe plane.initialize(to: v4l2_plane())
        unsafe record.pointee.m.planes = unsafe plane
        unsafe record.pointee.length = 1
    }

    /// Gives buffer `index` to the driver: 0, or `-errno`. Allocation-free.
    private func queue(_ index: Int) -> Int32 {
        prepare(index)
        return unsafe node.driver.ioctl(node.descriptor, cv_QBUF, record)
    }
}

extension VideoStream {
    /// `found` with what the open device says of itself.
    func device(_ found: VideoDevice) -> VideoDevice {
        var device = found
        device.bus = node.capability.bus
        device.driver = node.capability.driver
        device.card = node.capability.card
        return device
    }

    /// Notes what has come back. Whether nothing is on loan any more.
    func collectLast() -> Bool {
        loans &= ~returns.collect()
        return loans == 0
    }

    /// Gives the buffers that came back to the driver again: 0, or the error number. Allocation-free.
    func requeue() -> Int32 {
        var returned = returns.collect()
        loans &= ~returned
        guard decoder == nil else { return 0 }
        while returned != 0 {
            let index = returned.trailingZeroBitCount
            returned &= returned - 1
            let code = queue(index)
            guard code >= 0 else { return -code }
        }
        return 0
    }

    /// Takes the next frame out of the driver's queue, without waiting. Allocation-free, but for JPEG.
    func dequeue() -> Dequeued {
        prepare(0)
        let code = unsafe node.driver.ioctl(node.descriptor, cv_DQBUF, record)
        guard code >= 0 else { return code == -EAGAIN ? .nothing : .failed(-code) }
        let index = unsafe Int(record.pointee.index)
        guard index < buffers.count else { return .failed(EIO) }
        let (header, bytes) = unsafe filled(index)
        if let decoder {
            return unsafe decoded(header, bytes, index, with: decoder)
        }
        guard loans.nonzeroBitCount < loanLimit else { return refused(header, index) }
        loans |= 1 << UInt64(index)
        return unsafe .frame(
            Frame(
                header: header, format: negotiation.stream, unsafeBytes: bytes, returns: returns,
                index: index))
    }

    private func refused(_ header: FrameHeader, _ index: Int) -> Dequeued {
        let code = queue(index)
        return code >= 0 ? .refused(header) : .failed(-code)
    }

    private func decoded(
        _ header: FrameHeader, _ bytes: UnsafeRawBufferPointer, _ index: Int, with decoder: MotionJPEG
    ) -> Dequeued {
        let slot = (~loans).trailingZeroBitCount
        guard slot < loanLimit else { return refused(header, index) }
        var header = header
        if !header.hasError { unsafe header.hasError = !decoder.decode(bytes, frame: slot) }
        let code = queue(index)
        guard code >= 0 else { return .failed(-code) }
        loans |= 1 << UInt64(slot)
        return unsafe .frame(
            Frame(
                header: header, format: negotiation.stream, unsafeBytes: decoder.bytes(ofFrame: slot),
                returns: returns, index: slot))
    }

    /// The header of the buffer that was just dequeued, and the bytes that the driver filled.
    private func filled(_ index: Int) -> (FrameHeader, UnsafeRawBufferPointer) {
        let buffer = unsafe record.pointee
        let isMultiplanar = node.capability.isMultiplanar
        let mapping = unsafe buffers.mappings[index]
        let used = unsafe Int(isMultiplanar ? plane.pointee.bytesused : buffer.bytesused)
        let start = unsafe isMultiplanar ? min(Int(plane.pointee.data_offset), mapping.count) : 0
        let end = max(start, min(used, mapping.count))

        var header = FrameHeader()
        header.camera = camera
        header.sequence = unsafe buffer.sequence
        header.lostCount = unsafe lostCount(before: buffer.sequence)
        header.arrivalNanoseconds = node.driver.now()
        header.driverNanoseconds = header.arrivalNanoseconds
        if unsafe buffer.flags & cv_BUF_FLAG_TIMESTAMP_MASK == cv_BUF_FLAG_TIMESTAMP_MONOTONIC {
            header.driverNanoseconds =
                unsafe Int64(buffer.timestamp.tv_sec) * 1_000_000_000
                + Int64(buffer.timestamp.tv_usec) * 1000
        }
        header.bytesUsed = UInt32(truncatingIfNeeded: used - start)
        header.hasError = unsafe buffer.flags & cv_BUF_FLAG_ERROR != 0
        return unsafe (header, UnsafeRawBufferPointer(rebasing: mapping[start..<end]))
    }

    /// The numbers left out since the frame before. A number that goes backwards is a driver that began
    /// anew, not four billion lost frames.
    private func lostCount(before sequence: UInt32) -> UInt32 {
        defer { lastSequence = sequence }
        guard let lastSequence else { return 0 }
        let lost = sequence &- lastSequence &- 1
        return lost < 1 << 31 ? lost : 0
    }
}
