internal import CVideo4Linux
import Glibc
internal import Platform

/// Every call by which a camera touches the kernel, so that a test can be the kernel.
///
/// Calls that can fail return `-errno` and never set anything aside. All are made by one thread, except
/// `unmap` and `close`, which the last frame of a closed camera may make from its own.
@safe
package struct VideoDriver: Sendable {
    /// Opens the device node for reading and writing, without waiting: its descriptor, or `-errno`.
    package var open: @Sendable (_ path: String) -> Int32
    /// Closes what `open` gave.
    package var close: @Sendable (_ descriptor: Int32) -> Void
    /// One `VIDIOC_` request: 0 or more, or `-errno`; never `-EINTR`.
    package var ioctl:
        @Sendable (_ descriptor: Int32, _ request: UInt, _ argument: UnsafeMutableRawPointer) -> Int32
    /// Maps `length` bytes of the device's memory; nil if it refuses.
    package var map: @Sendable (_ descriptor: Int32, _ length: Int, _ offset: Int) -> UnsafeMutableRawPointer?
    /// Ends a mapping.
    package var unmap: @Sendable (_ address: UnsafeMutableRawPointer, _ length: Int) -> Void
    /// Waits for a frame: the events of poll(2), 0 after `milliseconds`, or `-errno`.
    package var poll: @Sendable (_ descriptor: Int32, _ milliseconds: Int32) -> Int32
    /// Monotonic nanoseconds.
    package var now: @Sendable () -> Int64
    /// Starts to look out for new devices: a descriptor for `wait`, or negative if there can be none.
    package var watch: @Sendable () -> Int32
    /// Sleeps for `milliseconds`, or less and then returns true if a video device came meanwhile.
    package var wait: @Sendable (_ watch: Int32, _ milliseconds: Int32) -> Bool
    /// Ends what `watch` began.
    package var endWatch: @Sendable (_ watch: Int32) -> Void
    /// A number of 0..<1.
    package var random: @Sendable () -> Double
}

extension VideoDriver {
    /// The kernel's own driver of the device: what frames come through whenever their format can be used as
    /// it is.
    package static func kernel(_ folders: DeviceFolders) -> VideoDriver {
        unsafe VideoDriver(
            open: { unsafe cv_open($0) },
            close: { _ = Glibc.close($0) },
            ioctl: { unsafe cv_ioctl($0, $1, $2) },
            map: { descriptor, length, offset in
                let address = unsafe mmap(
                    nil, length, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, offset)
                return unsafe address == MAP_FAILED ? nil : address
            },
            unmap: { unsafe munmap($0, $1) },
            poll: { descriptor, milliseconds in
                var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                // The pointer is valid for the call.
                let count = unsafe Glibc.poll(&entry, 1, milliseconds)
                return count < 0 ? -errno : count == 0 ? 0 : Int32(entry.revents)
            },
            now: { Int64(MonotonicClock.now) },
            watch: { DeviceWatch.begin(folders) },
            wait: { DeviceWatch.wait($0, milliseconds: $1) },
            endWatch: { if $0 >= 0 { _ = Glibc.close($0) } },
            random: { Double.random(in: 0..<1) })
    }

    /// The same with libv4l2 in between, which decodes and converts what Linewatch does not know.
    package static func converting(_ folders: DeviceFolders) -> VideoDriver {
        var driver = VideoDriver.kernel(folders)
        driver.open = { path in
            let descriptor = unsafe cv_open(path)
            guard descriptor >= 0 else { return descriptor }
            let code = cv_convert_open(descriptor)
            if code < 0 { _ = Glibc.close(descriptor) }
            return code
        }
        driver.close = { cv_convert_close($0) }
        unsafe driver.ioctl = { unsafe cv_convert_ioctl($0, $1, $2) }
        unsafe driver.map = { unsafe cv_convert_map($0, UInt64($1), Int64($2)) }
        unsafe driver.unmap = { unsafe cv_convert_unmap($0, UInt64($1)) }
        return driver
    }
}
