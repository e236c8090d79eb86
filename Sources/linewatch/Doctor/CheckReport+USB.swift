import Configuration
import Imaging

// How the cameras of the settings are connected: a USB camera shares its bus with others, and may be put to sleep.

extension CheckReport {
    /// A row for each camera of the daemon that hangs on USB: its speed against what its frames need, the other
    /// cameras of the same bus included, and whether Linux may suspend it.
    package static func usb(of box: Box) -> [Check] {
        let links = (box.report?.cameras ?? []).compactMap { row in
            USBLink(row, box.settings.camera.first { $0.id == row.id }, box.machine)
        }
        return links.map { link in
            let shared = links.filter { $0.bus == link.bus }
            return check(link, needed: shared.reduce(0) { $0 + $1.needed }, sharers: shared.count)
        }
    }

    private static func check(_ link: USBLink, needed: Double, sharers: Int) -> Check {
        let name = "USB of camera \(link.camera)"
        // Frames get at most about 80 % of the wire at 480 Mbit/s and below, 90 % above.
        let usable = link.speed * (link.speed > 480 ? 0.9 : 0.8)
        let others = sharers > 1 ? " with \(count(sharers - 1, "other camera")) of the same bus" : ""
        let detail =
            "\(decimals(link.speed, 0)) Mbit/s on bus \(link.bus); raw frames need "
            + "\(decimals(needed, 0)) Mbit/s\(others)."
        guard !link.maySleep else {
            return .warn(
                name, detail + " It may be suspended when idle.",
                remedy:
                    "Run 'echo on | sudo tee /sys/\(link.device)/power/control', or install Linewatch's udev rule."
            )
        }
        guard needed > usable else { return .pass(name, detail) }
        return .warn(
            name, detail,
            remedy: sharers > 1
                ? "Move a camera to a USB controller of its own ('lsusb -t'), or lower fps or size."
                : "Use a faster port or cable ('lsusb -t'), MJPG, or lower fps or size.")
    }
}

/// The USB device of a camera, as sysfs has it.
private struct USBLink {
    let camera: Int
    /// Of the device below sys.
    let device: String
    let bus: String
    /// Megabits per second, of the wire and of the frames.
    let speed, needed: Double
    let maySleep: Bool

    /// Nil where the camera hangs on no USB, or the kernel does not tell.
    init?(_ row: StationReport.CameraRow, _ camera: CameraSettings?, _ machine: Machine) {
        guard let node = row.device.split(separator: "/").last, node.hasPrefix("video") else { return nil }
        // The node belongs to an interface; the device around it has the speed.
        let device = "class/video4linux/\(node)/device/.."
        guard let speed = machine.text("sys/\(device)/speed").flatMap({ Double($0) }), speed > 0,
            let bus = machine.text("sys/\(device)/busnum")
        else { return nil }
        self.camera = row.id
        (self.device, self.bus, self.speed) = (device, bus, speed)
        let rate = camera.map { $0.fps > 0 ? $0.fps : row.fps } ?? row.fps
        let format = PixelFormat(rawValue: row.format)
        let bytes = format.map {
            $0.byteCount(height: row.height, bytesPerRow: $0.minimumBytesPerRow(width: row.width))
        }
        // What is compressed needs what it needs.
        needed = Double(bytes ?? 0) * rate * 8 / 1e6
        maySleep = machine.text("sys/\(device)/power/control") == "auto"
    }
}
