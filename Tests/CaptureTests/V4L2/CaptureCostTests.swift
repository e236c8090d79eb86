import CAllocationCounter
import CVideo4Linux
import Capture
import Glibc
import Imaging
import Platform
import Testing

struct CaptureCostTests {
    /// The time is printed, not asserted: it is the machine's as much as ours.
    @Test("a frame of 1280x720 passes from DQBUF to QBUF without an allocation, the kernel called each time")
    func cost() throws {
        let device = ScriptedDevice()
        device.isRecording = false
        let machine = MachineFolders()
        machine.add(0)
        var settings = V4L2Settings(identity: CameraIdentity(bus: device.bus))
        settings.size = Size(width: 1280, height: 720)
        let kernel = CallingDriver(device.driver)
        var camera = V4L2Camera(
            settings, folders: machine.folders, driver: kernel.driver, converting: kernel.driver)
        var bytes = 0
        for _ in 0..<100 { bytes = camera.passedByteCount() ?? bytes }
        #expect(bytes == 1280 * 720)

        let count = 20_000
        let allocations = ca_thread_allocations(), calls = kernel.callCount, start = ThreadClock.now
        var passed = 0
        while passed < count { if camera.passedByteCount() != nil { passed += 1 } }
        let time = ThreadClock.now - start
        #expect(ca_thread_allocations() - allocations == 0)
        // poll, DQBUF and QBUF, and a clock that needs no call.
        #expect(kernel.callCount - calls == 3 * count)
        print("1280x720: \(time / count) ns of the capture thread per frame, 3 system calls among them")
    }
}

extension V4L2Camera {
    /// Takes the next frame and gives it back: its bytes, or nil if something else happened.
    fileprivate mutating func passedByteCount() -> Int? {
        guard case .frame(let frame) = next(timeoutMilliseconds: 1000) else { return nil }
        return frame.view == nil ? nil : Int(frame.header.bytesUsed)
    }
}

/// A scripted driver that also calls the kernel wherever a real one would while frames come.
private final class CallingDriver: @unchecked Sendable {
    // @unchecked: the test's thread alone uses it.
    private(set) var callCount = 0
    private(set) var driver: VideoDriver
    /// Always readable. The path is valid for the call.
    private let descriptor = unsafe open("/dev/zero", O_RDONLY | O_CLOEXEC)

    init(_ scripted: VideoDriver) {
        driver = scripted
        // What it is handed goes on to the scripted driver as it came.
        unsafe driver.ioctl = { [self] device, request, argument in
            if request == cv_QBUF || request == cv_DQBUF {
                callCount += 1
                // Any cheap request: FIOCLEX sets a flag that is set.
                _ = cv_ioctl(descriptor, 0x5451, nil)
            }
            return unsafe scripted.ioctl(device, request, argument)
        }
        driver.poll = { [self] device, milliseconds in
            callCount += 1
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            // The pointer is valid for the call.
            _ = unsafe Glibc.poll(&entry, 1, milliseconds)
            return scripted.poll(device, milliseconds)
        }
    }

    deinit { close(descriptor) }
}
