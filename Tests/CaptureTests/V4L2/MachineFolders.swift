import Capture
import Foundation

/// Folders as the kernel and udev make them for the cameras of one machine, in a temporary place; removed
/// with the value.
final class MachineFolders: Sendable {
    let folders: DeviceFolders
    private let root: String

    init() {
        root = NSTemporaryDirectory() + "/linewatch-devices-" + UUID().uuidString
        folders = DeviceFolders(
            sys: root + "/sys", dev: root + "/dev", udev: root + "/udev", proc: root + "/proc")
        for folder in [
            folders.sys + "/class/video4linux", folders.dev + "/v4l/by-id", folders.dev + "/v4l/by-path",
            folders.udev, folders.proc,
        ] {
            try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    /// The node `/dev/videoN` with its entry in sysfs; `serial` is of the USB device it is a part of.
    func add(_ number: Int, serial: String = "", udevNames: [String] = []) {
        write("node", folders.dev + "/video\(number)")
        let device = folders.sys + "/devices/usb\(number)"
        let interface = device + "/interface"
        let entry = folders.sys + "/class/video4linux/video\(number)"
        try? FileManager.default.createDirectory(atPath: interface, withIntermediateDirectories: true)
        try? FileManager.default.createDirectory(atPath: entry, withIntermediateDirectories: true)
        try? FileManager.default.createSymbolicLink(
            atPath: entry + "/device", withDestinationPath: interface)
        write("81:\(number)\n", entry + "/dev")
        write("Scripted\n", entry + "/name")
        if !serial.isEmpty {
            write("046d\n", device + "/idVendor")
            write(serial + "\n", device + "/serial")
        }
        write(udevNames.map { "S:v4l/\($0)\n" }.joined(), folders.udev + "/c81:\(number)")
    }

    /// A link `name` in `/dev/v4l/<kind>`.
    func link(_ kind: String, _ name: String, to number: Int) {
        try? FileManager.default.createSymbolicLink(
            atPath: "\(folders.dev)/v4l/\(kind)/\(name)", withDestinationPath: "../../video\(number)")
    }

    func write(_ text: String, _ path: String) {
        try? text.write(toFile: path, atomically: false, encoding: .utf8)
    }
}
