import CVideo4Linux
import Capture
import Glibc

/// A video device and the kernel around it, played by a test: time stands still unless a call waits.
///
/// Everything the camera takes it must give back: `openCount` and `mapCount` are what is still out.
@safe
final class ScriptedDevice: @unchecked Sendable {
    // @unchecked: each test drives it from one thread.

    /// Calls that can be told to fail.
    enum Call: String, CaseIterable {
        case open, queryCap, getFormat, setFormat, getRate, setRate, requestBuffers, queryBuffer, map, queue
        case streamOn, poll, dequeue
    }

    // What the device is.
    var bus = "platform:test-000"
    var isMultiplanar = false
    var isMetadata = false
    var formats: [FourCC] = [FourCC("GREY")!, FourCC("YUYV")!, FourCC("MJPG")!]
    var format = FourCC("GREY")!
    var width: UInt32 = 64, height: UInt32 = 48
    var paddedRow: UInt32 = 0
    var interval: Int64 = 40_000_000

    // What happens next.
    var isPresent = true
    /// No frames, as without a trigger.
    var isSilent = false
    /// `errno` of the calls of a kind that are yet to fail, the next first; 0 lets one pass.
    var failures: [Call: [Int32]] = [:]
    /// Numbers to leave out before the next frame.
    var gap: UInt32 = 0
    var nextFlags: UInt32 = 0
    var nextBytesUsed: UInt32?
    var content: [UInt8] = []
    /// A button that makes a frame, by the driver's label; nil: the device has none.
    var buttonLabel: String?
    var granted: (width: UInt32, height: UInt32)?
    var isPluggedWhileWaiting = false
    /// Frames that come while all buffers are full are lost, and each call that takes one takes this long.
    var dequeueNanoseconds: Int64?

    // What came of it.
    private(set) var time: Int64 = 1_000_000_000
    private(set) var openCount = 0
    private(set) var mapCount = 0
    private(set) var calls: [Call] = []
    private(set) var waits: [Int32] = []
    /// Polls that found no frame and had to wait for one.
    private(set) var sleptPollCount = 0
    private(set) var watchCount = 0
    private(set) var isStreaming = false
    private(set) var pressCount = 0
    private(set) var queued: [UInt32] = []
    var isRecording = true

    private var bufferCount: UInt32 = 0
    private var sequence: UInt32 = 0
    private var nextFrame: Int64 = 0
    private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 32 << 16, alignment: 4096)

    init() {
        unsafe memory.initializeMemory(as: UInt8.self, repeating: 7)
        calls.reserveCapacity(100_000)
        queued.reserveCapacity(64)
    }

    deinit { unsafe memory.deallocate() }

    func advance(milliseconds: Int64) { time += milliseconds * 1_000_000 }

    func advance(nanoseconds: Int) { time += Int64(nanoseconds) }

    /// All calls of a driver, each played here.
    var driver: VideoDriver {
        var driver = VideoDriver.kernel(.machine)
        driver.open = { [self] _ in open() }
        driver.close = { [self] _ in
            openCount -= 1
            isStreaming = false
            queued.removeAll(keepingCapacity: true)
        }
        unsafe driver.ioctl = { [self] _, request, argument in unsafe ioctl(request, argument) }
        unsafe driver.map = { [self] _, length, offset in unsafe map(length, offset) }
        unsafe driver.unmap = { [self] _, _ in mapCount -= 1 }
        driver.poll = { [self] _, milliseconds in poll(milliseconds) }
        driver.now = { [self] in time }
        driver.watch = { [self] in
            watchCount += 1
            return 99
        }
        driver.wait = { [self] _, milliseconds in wait(milliseconds) }
        driver.endWatch = { [self] in watchCount -= $0 >= 0 ? 1 : 0 }
        driver.random = { 0.5 }
        return driver
    }

    /// The failure that `call` is to have now: its `errno`, or nil.
    private func failure(of call: Call) -> Int32? {
        if isRecording { calls.append(call) }
        // Looking first keeps an empty script from allocating.
        guard failures[call]?.isEmpty == false, let code = failures[call]?.removeFirst(), code != 0 else {
            return nil
        }
        return code
    }

    private func open() -> Int32 {
        if let code = failure(of: .open) { return -code }
        guard isPresent else { return -ENODEV }
        openCount += 1
        return 3
    }

    private func map(_ length: Int, _ offset: Int) -> UnsafeMutableRawPointer? {
        if failure(of: .map) != nil { return nil }
        mapCount += 1
        return unsafe memory.baseAddress! + offset
    }

    private func poll(_ milliseconds: Int32) -> Int32 {
        if let code = failure(of: .poll) { return code == EINTR ? -EINTR : POLLERR }
        guard isPresent else { return POLLERR | POLLHUP | POLLPRI }
        let end = time + Int64(milliseconds) * 1_000_000
        if milliseconds > 0, isSilent || nextFrame > time { sleptPollCount += 1 }
        guard isStreaming, !isSilent, nextFrame <= end else {
            time = max(time, end)
            return 0
        }
        time = max(time, nextFrame)
        return POLLIN
    }

    private func wait(_ milliseconds: Int32) -> Bool {
        waits.append(milliseconds)
        if isPluggedWhileWaiting {
            isPluggedWhileWaiting = false
            isPresent = true
            time += 1_000_000
            return true
        }
        advance(milliseconds: Int64(milliseconds))
        return false
    }
}

extension ScriptedDevice {
    private static let grey = FourCC("GREY")!
    private static let yuyv = FourCC("YUYV")!

    private var bytesPerRow: UInt32 {
        format == Self.grey ? width + paddedRow : format == Self.yuyv ? 2 * width + paddedRow : 0
    }

    private var imageByteCount: UInt32 { bytesPerRow == 0 ? 1 << 15 : bytesPerRow * height }

    private func ioctl(_ request: UInt, _ argument: UnsafeMutableRawPointer) -> Int32 {
        switch request {
        case cv_QUERYCAP: return unsafe answer(.queryCap, argument, v4l2_capability.self, queryCapability)
        case cv_ENUM_FMT: return unsafe answer(nil, argument, v4l2_fmtdesc.self, enumerateFormat)
        case cv_G_FMT: return unsafe answer(.getFormat, argument, v4l2_format.self, getFormat)
        case cv_S_FMT: return unsafe answer(.setFormat, argument, v4l2_format.self, setFormat)
        case cv_G_PARM: return unsafe answer(.getRate, argument, v4l2_streamparm.self, getRate)
        case cv_S_PARM: return unsafe answer(.setRate, argument, v4l2_streamparm.self, setRate)
        case cv_REQBUFS:
            return unsafe answer(.requestBuffers, argument, v4l2_requestbuffers.self, requestBuffers)
        case cv_QUERYBUF: return unsafe answer(.queryBuffer, argument, v4l2_buffer.self, queryBuffer)
        // Without a closure, whose context would be an allocation.
        case cv_QBUF, cv_DQBUF:
            if let code = failure(of: request == cv_QBUF ? .queue : .dequeue) { return -code }
            guard isPresent else { return -ENODEV }
            let record = unsafe argument.assumingMemoryBound(to: v4l2_buffer.self)
            return unsafe request == cv_QBUF ? queue(&record.pointee) : dequeue(&record.pointee)
        case cv_STREAMON:
            return unsafe answer(.streamOn, argument, UInt32.self) { _ in
                isStreaming = true
                sequence = 0
                nextFrame = time + interval
                return 0
            }
        case cv_STREAMOFF:
            isStreaming = false
            queued.removeAll(keepingCapacity: true)
            return 0
        case cv_QUERY_EXT_CTRL:
            return unsafe answer(nil, argument, v4l2_query_ext_ctrl.self, queryControl)
        case cv_S_CTRL: return unsafe press(&argument.assumingMemoryBound(to: v4l2_control.self).pointee)
        default: return -ENOTTY
        }
    }

    private func answer<Record>(
        _ call: Call?, _ argument: UnsafeMutableRawPointer, _ type: Record.Type,
        _ body: (inout Record) -> Int32
    ) -> Int32 {
        if let call, let code = failure(of: call) { return -code }
        guard isPresent else { return -ENODEV }
        return unsafe body(&argument.assumingMemoryBound(to: type).pointee)
    }

    private func queryCapability(_ record: inout v4l2_capability) -> Int32 {
        unsafe withUnsafeMutableBytes(of: &record.bus_info) { unsafe $0.copyBytes(from: bus.utf8) }
        unsafe withUnsafeMutableBytes(of: &record.card) { unsafe $0.copyBytes(from: "Scripted".utf8) }
        let capture = isMultiplanar ? cv_CAP_VIDEO_CAPTURE_MPLANE : cv_CAP_VIDEO_CAPTURE
        record.capabilities = cv_CAP_DEVICE_CAPS
        record.device_caps = (isMetadata ? 0 : capture) | cv_CAP_STREAMING
        return 0
    }

    private func enumerateFormat(_ record: inout v4l2_fmtdesc) -> Int32 {
        guard record.index < formats.count else { return -EINVAL }
        record.pixelformat = formats[Int(record.index)].rawValue
        return 0
    }

    /// One button, and before it a switch that has the name of a trigger too.
    private func queryControl(_ record: inout v4l2_query_ext_ctrl) -> Int32 {
        let controls: [(label: String, type: v4l2_ctrl_type)] =
            [("Trigger", V4L2_CTRL_TYPE_BOOLEAN)] + (buttonLabel.map { [($0, V4L2_CTRL_TYPE_BUTTON)] } ?? [])
        let index = Int(record.id & ~cv_CTRL_FLAG_NEXT_CTRL)
        guard index < controls.count else { return -EINVAL }
        record = v4l2_query_ext_ctrl()
        record.id = UInt32(index + 1)
        record.type = controls[index].type.rawValue
        unsafe withUnsafeMutableBytes(of: &record.name) {
            unsafe $0.copyBytes(from: controls[index].label.utf8)
        }
        return 0
    }

    private func press(_ record: inout v4l2_control) -> Int32 {
        guard isPresent else { return -ENODEV }
        guard record.id == 2, buttonLabel != nil else { return -EINVAL }
        pressCount += 1
        return 0
    }

    private func getFormat(_ record: inout v4l2_format) -> Int32 {
        if isMultiplanar {
            unsafe record.fmt.pix_mp.pixelformat = format.rawValue
            unsafe record.fmt.pix_mp.width = width
            unsafe record.fmt.pix_mp.height = height
            unsafe record.fmt.pix_mp.num_planes = 1
            unsafe record.fmt.pix_mp.plane_fmt.0.bytesperline = bytesPerRow
            unsafe record.fmt.pix_mp.plane_fmt.0.sizeimage = imageByteCount
        } else {
            unsafe record.fmt.pix.pixelformat = format.rawValue
            unsafe record.fmt.pix.width = width
            unsafe record.fmt.pix.height = height
            unsafe record.fmt.pix.bytesperline = bytesPerRow
            unsafe record.fmt.pix.sizeimage = imageByteCount
        }
        return 0
    }

    private func setFormat(_ record: inout v4l2_format) -> Int32 {
        let wanted = unsafe isMultiplanar ? record.fmt.pix_mp.pixelformat : record.fmt.pix.pixelformat
        format = FourCC(rawValue: wanted)
        width = unsafe granted?.width ?? (isMultiplanar ? record.fmt.pix_mp.width : record.fmt.pix.width)
        height = unsafe granted?.height ?? (isMultiplanar ? record.fmt.pix_mp.height : record.fmt.pix.height)
        return unsafe getFormat(&record)
    }

    private func getRate(_ record: inout v4l2_streamparm) -> Int32 {
        unsafe record.parm.capture.capability = cv_CAP_TIMEPERFRAME
        unsafe record.parm.capture.timeperframe = v4l2_fract(
            numerator: UInt32(interval / 1_000_000), denominator: 1000)
        return 0
    }

    private func setRate(_ record: inout v4l2_streamparm) -> Int32 {
        let asked = unsafe record.parm.capture.timeperframe
        interval = Int64(asked.numerator) * 1_000_000_000 / Int64(asked.denominator)
        return 0
    }

    private func requestBuffers(_ record: inout v4l2_requestbuffers) -> Int32 {
        bufferCount = record.count
        return 0
    }

    private func queryBuffer(_ record: inout v4l2_buffer) -> Int32 {
        let offset = unsafe record.index << 16
        if isMultiplanar {
            unsafe record.m.planes.pointee.length = imageByteCount
            unsafe record.m.planes.pointee.m.mem_offset = offset
        } else {
            unsafe record.length = imageByteCount
            unsafe record.m.offset = offset
        }
        return 0
    }

    private func queue(_ record: inout v4l2_buffer) -> Int32 {
        guard unsafe record.index < bufferCount, unsafe !queued.contains(record.index) else { return -EINVAL }
        unsafe queued.append(record.index)
        return 0
    }

    private func dequeue(_ record: inout v4l2_buffer) -> Int32 {
        guard isStreaming, time >= nextFrame, !queued.isEmpty else { return -EAGAIN }
        if let dequeueNanoseconds { loseOverrun(dequeueNanoseconds) }
        unsafe record.index = queued.removeFirst()
        sequence &+= gap
        unsafe record.sequence = sequence
        sequence &+= 1
        gap = 0
        unsafe record.flags = cv_BUF_FLAG_TIMESTAMP_MONOTONIC | nextFlags
        nextFlags = 0
        unsafe record.timestamp = timeval(
            tv_sec: Int(nextFrame / 1_000_000_000), tv_usec: Int(nextFrame % 1_000_000_000 / 1000))
        let used = nextBytesUsed ?? (content.isEmpty ? imageByteCount : UInt32(content.count))
        nextBytesUsed = nil
        if isMultiplanar {
            unsafe record.m.planes.pointee.bytesused = used
        } else {
            unsafe record.bytesused = used
        }
        let place = unsafe Int(record.index) << 16
        for index in content.indices { unsafe memory[place + index] = content[index] }
        nextFrame += interval
        return 0
    }

    /// What is due and has no buffer is gone.
    private func loseOverrun(_ nanoseconds: Int64) {
        time += nanoseconds
        let overrun = (time - nextFrame) / interval + 1 - Int64(queued.count)
        guard overrun > 0 else { return }
        gap += UInt32(overrun)
        nextFrame += overrun * interval
    }

    /// Lets the driver's numbering go on from `number`.
    func continueNumbering(at number: UInt32) { sequence = number }
}
