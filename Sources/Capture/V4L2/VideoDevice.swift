import Glibc

/// A video device that captures, by all the names it has.
public struct VideoDevice: Hashable, Sendable {
    /// `/dev/video0`.
    public var node: String
    /// Its names in `/dev/v4l/by-id` and `by-path`, without the folder. Several devices can share one.
    public var byID: [String] = []
    public var byPath: [String] = []
    /// The serial number of its USB device; empty if it has none.
    public var serial = ""
    /// V4L2's bus name, driver and model; empty while the device cannot be opened.
    public var bus = ""
    public var driver = ""
    public var card = ""
    /// Why it cannot be opened.
    public var error: VideoError?

    /// A device of which only the node is known.
    public init(node: String) { self.node = node }

    /// The names for a message.
    public var summary: String {
        let keys = [("bus", bus), ("serial", serial), ("id", byID.first ?? "")]
        let named = keys.filter { !$0.1.isEmpty }.map { "\($0.0) \($0.1)" }
        return ([node] + named).joined(separator: ", ")
    }
}

extension VideoDevice {
    /// All cameras of the machine, asked now: nodes that only carry metadata or put video out are left out,
    /// those that cannot be opened are in, with their `error`.
    public static func all(in folders: DeviceFolders = .machine) -> [VideoDevice] {
        all(in: folders, driver: .kernel(folders))
    }

    package static func all(in folders: DeviceFolders, driver: VideoDriver) -> [VideoDevice] {
        known(in: folders).compactMap { $0.opened(driver, folders) }
    }

    /// All video nodes, as far as can be told without opening them.
    static func known(in folders: DeviceFolders) -> [VideoDevice] {
        let classFolder = folders.sys + "/class/video4linux"
        let links = ["by-id", "by-path"].map { DeviceLinks(folders.dev + "/v4l/" + $0) }
        return folderNames(classFolder).filter { $0.hasPrefix("video") }.map { name in
            var device = VideoDevice(node: folders.dev + "/" + name)
            let entry = classFolder + "/" + name
            let udev = udevNames(of: smallFile(entry + "/dev"), folders)
            device.byID = Set(links[0].names(of: name) + udev.byID).sorted()
            device.byPath = Set(links[1].names(of: name) + udev.byPath).sorted()
            device.serial = realPath(entry + "/device").flatMap(usbSerial) ?? ""
            device.card = smallFile(entry + "/name") ?? ""
            return device
        }.sorted { ($0.node.utf8.count, $0.node) < ($1.node.utf8.count, $1.node) }
    }

    /// With what the device says of itself; nil if that is not a camera.
    func opened(_ driver: VideoDriver, _ folders: DeviceFolders) -> VideoDevice? {
        var device = self
        do throws(VideoError) {
            let capability = try VideoNode(node, driver: driver, folders: folders).capability
            guard capability.isCamera else { return nil }
            (device.bus, device.driver, device.card) = (capability.bus, capability.driver, capability.card)
        } catch {
            device.error = error
        }
        return device
    }

    /// The serial number of the USB device that `folder` of sysfs is a part of.
    private static func usbSerial(_ folder: String) -> String? {
        var parts = folder.split(separator: "/")
        while !parts.isEmpty {
            let path = "/" + parts.joined(separator: "/")
            // Only a USB device has both: its interfaces have neither, its hub another serial.
            if smallFile(path + "/idVendor") != nil { return smallFile(path + "/serial") }
            parts.removeLast()
        }
        return nil
    }

    /// The names that udev's database has for a device, also when a link is missing or points at another
    /// device of the same name.
    private static func udevNames(
        of number: String?, _ folders: DeviceFolders
    ) -> (byID: [String], byPath: [String]) {
        guard let number, let text = smallFile("\(folders.udev)/c\(number)") else { return ([], []) }
        let lines = text.split(separator: "\n")
        func links(_ prefix: String) -> [String] {
            lines.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
        }
        return (links("S:v4l/by-id/"), links("S:v4l/by-path/"))
    }
}

/// The links of a folder, by the name they point at.
private struct DeviceLinks {
    private let links: [(name: String, target: String)]

    init(_ folder: String) {
        links = folderNames(folder).compactMap { name in
            linkText(folder + "/" + name).map { (name, lastName($0)) }
        }
    }

    func names(of device: String) -> [String] {
        links.filter { $0.target == device }.map(\.name)
    }
}
