import Glibc

/// Where the kernel and udev tell of devices. Tests have folders of their own.
public struct DeviceFolders: Hashable, Sendable {
    /// `/sys`.
    public var sys: String
    /// `/dev`.
    public var dev: String
    /// What udev knows of each device, `/run/udev/data`.
    public var udev: String
    /// `/proc`.
    public var proc: String

    /// Those of the machine.
    public static let machine = DeviceFolders(sys: "/sys", dev: "/dev", udev: "/run/udev/data", proc: "/proc")

    /// Others.
    public init(sys: String, dev: String, udev: String, proc: String) {
        self.sys = sys
        self.dev = dev
        self.udev = udev
        self.proc = proc
    }
}

/// Hot-plug by inotify on the folders of the device nodes and their names.
enum DeviceWatch {
    /// A descriptor that becomes readable when a node or a name is made or gets its permissions; negative if
    /// the kernel has none left. A folder that is not there yet is noticed through the one above it.
    static func begin(_ folders: DeviceFolders) -> Int32 {
        let watch = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        guard watch >= 0 else { return -errno }
        for folder in ["", "/v4l", "/v4l/by-id", "/v4l/by-path"] {
            _ = unsafe inotify_add_watch(
                watch, folders.dev + folder, UInt32(IN_CREATE | IN_ATTRIB | IN_MOVED_TO | IN_ONLYDIR))
        }
        return watch
    }

    /// Sleeps until a name of a video device appears, which returns true, or `milliseconds` have passed.
    static func wait(_ watch: Int32, milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: watch, events: Int16(POLLIN), revents: 0)
        // poll ignores a negative descriptor and sleeps; the pointer is valid for the call.
        guard unsafe poll(&entry, 1, milliseconds) > 0 else { return false }
        return drain(watch)
    }

    /// Reads all events; whether one is of a video device. Others in /dev are none of ours.
    private static func drain(_ watch: Int32) -> Bool {
        var isVideo = false
        unsafe withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 8) { buffer in
            while true {
                let count = unsafe read(watch, buffer.baseAddress, buffer.count)
                guard count > 0 else { return }
                var offset = 0
                let header = MemoryLayout<inotify_event>.size
                while offset + header <= count {
                    let event = unsafe buffer.load(fromByteOffset: offset, as: inotify_event.self)
                    let name = unsafe UnsafeRawBufferPointer(buffer)[(offset + header)...].prefix(4)
                    // "video0", "v4l", "v4l-subdev"; in the folders below also "usb-...", "pci-...".
                    let isNamed = unsafe name.starts(with: "vide".utf8)
                    let isFolder = unsafe name.starts(with: "v4l".utf8)
                    isVideo = isVideo || event.wd != 1 || isNamed || isFolder
                    offset += header + Int(event.len)
                }
            }
        }
        return isVideo
    }
}
