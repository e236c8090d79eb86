import Glibc

/// Which device a camera is. All keys that are given must agree; empty ones say nothing.
public struct CameraIdentity: Hashable, Sendable, CustomStringConvertible {
    /// The serial number of the USB device.
    public var serial: String
    /// A name in `/dev/v4l/by-id`, and one in `/dev/v4l/by-path`, without the folder.
    public var id: String
    public var path: String
    /// V4L2's bus name: `usb-0000:00:14.0-1`, `platform:vivid-000`.
    public var bus: String
    /// A device node, by itself: another camera may have that number after the next start. Only for a
    /// person who types it.
    public var node: String

    public init(serial: String = "", id: String = "", path: String = "", bus: String = "", node: String = "")
    {
        self.serial = serial
        self.id = id
        self.path = path
        self.bus = bus
        self.node = node
    }

    /// `serial 'A1', bus 'usb-1'`; of a node its path alone.
    public var description: String {
        keys.map { $0.name == "node" ? "'\($0.value)'" : "\($0.name) '\($0.value)'" }.joined(separator: ", ")
    }

    private var keys: [(name: String, value: String)] {
        [("serial", serial), ("id", id), ("path", path), ("bus", bus), ("node", node)]
            .filter { !$0.1.isEmpty }
    }

    /// The identity that a person means by `text`: `bus=...`, `serial=...`, `id=...`, `path=...`, the path of
    /// a device or of one of its links, or the plain name of a device that is there now. A name that fits
    /// nothing is looked for as what it looks like.
    public init(_ text: String, in folders: DeviceFolders = .machine) {
        self.init(text, devices: text.contains("/") || text.contains("=") ? [] : VideoDevice.all(in: folders))
    }

    package init(_ text: String, devices: [VideoDevice]) {
        self.init()
        if let equals = text.firstIndex(of: "=") {
            let value = String(text[text.index(after: equals)...])
            switch text[..<equals] {
            case "serial":
                serial = value
                return
            case "id":
                id = value
                return
            case "path":
                path = value
                return
            case "bus":
                bus = value
                return
            case "node":
                node = value
                return
            default: break
            }
        }
        if text.hasPrefix("/dev/v4l/by-id/") {
            id = lastName(text)
        } else if text.hasPrefix("/dev/v4l/by-path/") {
            path = lastName(text)
        } else if text.contains("/") {
            node = text
        } else if devices.contains(where: { $0.bus == text }) {
            bus = text
        } else if devices.contains(where: { $0.byID.contains(text) }) {
            id = text
        } else if devices.contains(where: { $0.byPath.contains(text) }) {
            path = text
        } else if devices.contains(where: { $0.serial == text }) {
            serial = text
        } else if text.contains("-video-index") {
            if text.hasPrefix("usb-") { id = text } else { path = text }
        } else if text.contains(":") {
            bus = text
        } else {
            serial = text
        }
    }

    /// Whether `device` fits each key that can be told without opening it.
    private func fitsUnopened(_ device: VideoDevice) -> Bool {
        (serial.isEmpty || device.serial == serial)
            && (id.isEmpty || device.byID.contains(id))
            && (path.isEmpty || device.byPath.contains(path))
            && (node.isEmpty || device.node == node)
    }

    /// Finds the one device of this machine that this is, now.
    ///
    /// Throws `.absent` if there is none, `.ambiguous` if there are several, `.contradiction` if each key
    /// alone would have found one and together they do not.
    public func resolved() throws(VideoError) -> VideoDevice {
        try resolved(in: .machine, driver: .kernel(.machine))
    }

    /// Finds the one device that this is, from what the machine has now.
    ///
    /// Throws `.absent` if there is none, `.ambiguous` if there are several, `.contradiction` if each key
    /// alone would have found one and together they do not.
    package func resolved(in folders: DeviceFolders, driver: VideoDriver) throws(VideoError) -> VideoDevice {
        guard node.isEmpty || keys.count > 1 else { return try resolvedNode(folders) }
        var wanted = self
        if !node.isEmpty { wanted.node = realPath(node) ?? node }
        let known = VideoDevice.known(in: folders)
        let opened = known.filter(wanted.fitsUnopened).compactMap { $0.opened(driver, folders) }
        let fitting = opened.filter { bus.isEmpty || $0.bus == bus }
        if fitting.count > 1 {
            throw .ambiguous(camera: description, candidates: fitting.map(\.summary))
        }
        if let device = fitting.first { return device }
        // One that cannot be opened has no bus name to compare; it may be ours.
        if let hidden = opened.first(where: { $0.error != nil }), let error = hidden.error, opened.count == 1
        {
            throw error
        }
        try throwContradiction(VideoDevice.all(in: folders, driver: driver))
        throw .absent(camera: description, present: known.map(\.summary))
    }

    private func throwContradiction(_ devices: [VideoDevice]) throws(VideoError) {
        guard keys.count > 1 else { return }
        let found = keys.compactMap { key -> String? in
            var single = CameraIdentity()
            switch key.name {
            case "serial": single.serial = key.value
            case "id": single.id = key.value
            case "path": single.path = key.value
            case "bus": single.bus = key.value
            default: single.node = realPath(key.value) ?? key.value
            }
            let device = devices.first {
                single.fitsUnopened($0) && (single.bus.isEmpty || $0.bus == single.bus)
            }
            return device.map { "\(key.name) is that of \($0.summary)" }
        }
        if found.count == keys.count { throw .contradiction(camera: description, found: found) }
    }

    /// A node that was asked for by its path is taken as it is.
    private func resolvedNode(_ folders: DeviceFolders) throws(VideoError) -> VideoDevice {
        var status = stat()
        guard unsafe stat(node, &status) == 0 else {
            throw .absent(
                camera: description, present: VideoDevice.known(in: folders).map(\.summary))
        }
        return VideoDevice(node: node)
    }
}
