internal import CVideo4Linux
import Glibc

/// An open video device; closed when the last reference goes.
///
/// Belongs to the camera's thread; a frame that outlives its camera keeps it open until its memory is unmapped.
final class VideoNode: @unchecked Sendable {
    // @unchecked: constants, and a descriptor that only deinit closes.
    let path: String
    let driver: VideoDriver
    let descriptor: Int32
    let capability: VideoCapability
    private let folders: DeviceFolders

    /// Opens the node at `path`, which must be a device that captures video. Does not wait.
    init(_ path: String, driver: VideoDriver, folders: DeviceFolders) throws(VideoError) {
        let descriptor = driver.open(path)
        guard descriptor >= 0 else {
            throw Self.error(of: "open", code: -descriptor, path: path, folders: folders)
        }
        var record = v4l2_capability()
        let code = unsafe withUnsafeMutablePointer(to: &record) {
            unsafe driver.ioctl(descriptor, cv_QUERYCAP, $0)
        }
        guard code >= 0 else {
            driver.close(descriptor)
            guard -code != ENOTTY && -code != EINVAL else {
                throw .notACamera(path: path, what: "it knows nothing of video")
            }
            throw Self.error(of: "VIDIOC_QUERYCAP", code: -code, path: path, folders: folders)
        }
        self.path = path
        self.driver = driver
        self.descriptor = descriptor
        self.folders = folders
        capability = VideoCapability(record)
    }

    deinit { driver.close(descriptor) }

    /// Makes the request named `name` with `argument`; what it returned, or `-errno`. Allocation-free.
    func result<Argument>(of request: UInt, _ argument: inout Argument) -> Int32 {
        // The pointer is valid for the call, and the request fits its argument's type at every caller.
        unsafe withUnsafeMutablePointer(to: &argument) { unsafe driver.ioctl(descriptor, request, $0) }
    }

    /// The same; throws if it fails.
    func call<Argument>(
        _ request: UInt, _ name: StaticString, _ argument: inout Argument
    ) throws(VideoError) {
        let code = result(of: request, &argument)
        guard code >= 0 else { throw error(of: "VIDIOC_\(name)", code: -code) }
    }

    /// What the failure `code` of `call` means.
    func error(of call: String, code: Int32) -> VideoError {
        Self.error(of: call, code: code, path: path, folders: folders)
    }

    private static func error(
        of call: String, code: Int32, path: String, folders: DeviceFolders
    ) -> VideoError {
        switch code {
        case ENODEV, ENXIO, ENOENT: .gone(path: path, call: call)
        case EBUSY:
            .busy(path: path, call: call, holders: deviceHolders(of: path, proc: folders.proc))
        case EISDIR: .notACamera(path: path, what: "it is a folder")
        case EACCES, EPERM: .forbidden(path: path, group: owningGroup(of: path))
        default: .refused(path: path, call: call, code: code)
        }
    }
}

/// What a device says of itself.
struct VideoCapability: Hashable, Sendable {
    /// The driver, the model and the bus, as `VIDIOC_QUERYCAP` names them.
    let driver: String
    let card: String
    let bus: String
    /// What this node of the device can do.
    let flags: UInt32

    init(_ record: v4l2_capability) {
        driver = text(of: record.driver)
        card = text(of: record.card)
        bus = text(of: record.bus_info)
        let hasOwn = record.capabilities & cv_CAP_DEVICE_CAPS != 0
        flags = hasOwn ? record.device_caps : record.capabilities
    }

    /// Whether it captures video into mapped buffers; a node for metadata or output does not.
    var isCamera: Bool {
        flags & (cv_CAP_VIDEO_CAPTURE | cv_CAP_VIDEO_CAPTURE_MPLANE) != 0 && flags & cv_CAP_STREAMING != 0
    }

    /// Whether only the multi-planar calls work.
    var isMultiplanar: Bool { flags & cv_CAP_VIDEO_CAPTURE == 0 }
}

/// A C text of fixed size, up to its zero.
func text<Characters>(of characters: Characters) -> String {
    unsafe withUnsafeBytes(of: characters) { bytes in
        // The bytes are valid inside the closure; decoding copies them.
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}

/// The group whose members may open `path`, or nil if it has none of its own or the group itself may not.
func owningGroup(of path: String) -> String? {
    var status = stat()
    guard unsafe stat(path, &status) == 0, status.st_mode & 0o060 != 0 else { return nil }
    // The entry is valid until the next such call of this thread, and the name is copied.
    guard status.st_gid != 0, let entry = unsafe getgrgid(status.st_gid) else { return nil }
    return unsafe String(cString: entry.pointee.gr_name)
}
