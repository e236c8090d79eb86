import ArgumentParser
import Capture
import Configuration
import Platform

/// `linewatch camera list`: the cameras of this machine by all their names, and those of the settings.
struct CameraList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists the cameras of this machine by all their names, and those of the settings.",
        discussion: """
            A running daemon says how its cameras are; without one, cameras of the settings are looked for. Exits \
            with 1 if a device cannot be opened.
            """)

    @OptionGroup var daemon: DaemonOptions

    @Flag(help: "Print one JSON document.")
    var json = false

    /// A device, a camera of the settings, or both.
    struct Entry: Encodable {
        var node = "", bus = "", serial = "", driver = "", card = ""
        var byID: [String] = [], byPath: [String] = []
        /// Why it cannot be opened or found.
        var error: String?
        /// Of the settings.
        var id: Int?
        var name, source: String?
        /// Of the daemon; `since_ms` is UTC.
        var state, reason, format: String?
        var sinceMilliseconds, width, height, frames, lost, refused: Int?
        var fps: Double?

        enum CodingKeys: String, CodingKey {
            case node, bus, serial, driver, card, error, id, name, source, state, reason, format, width,
                height
            case frames, lost, refused, fps
            case byID = "by_id"
            case byPath = "by_path"
            case sinceMilliseconds = "since_ms"
        }
    }

    struct Report: Encodable {
        let schema = "linewatch.camera.list/1"
        /// Whether a daemon answered.
        let daemon: Bool
        let cameras: [Entry]
    }

    func run() throws {
        let devices = VideoDevice.all()
        let running = try DaemonCameras.connected(daemon)
        let loaded = daemon.settings()
        let configured: [Configured]
        if let running {
            configured = try running.list().map(Configured.init)
        } else {
            configured = loaded.errors.isEmpty ? loaded.settings.camera.map(Configured.init) : []
        }
        var left = configured
        var entries = devices.map { device in
            var entry = Entry(device)
            if let index = left.firstIndex(where: { $0.node == device.node }) {
                left.remove(at: index).describe(&entry)
            }
            return entry
        }
        for camera in left {
            var entry = Entry()
            camera.describe(&entry)
            entries.append(entry)
        }
        if json {
            print(try jsonText(Report(daemon: running != nil, cameras: entries)))
        } else {
            print(entries.isEmpty ? "no camera" : entries.map(\.text).joined(separator: "\n"))
            if running == nil, !loaded.errors.isEmpty, loaded.isThere {
                var standardError = StandardError()
                print(
                    "The settings have \(loaded.summary), so their cameras are left out. "
                        + "'linewatch config check' lists them.", to: &standardError)
            }
        }
        if devices.contains(where: { $0.error != nil }) { throw ExitCode(1) }
    }
}

/// A camera of the settings, as the daemon or the machine knows it.
private struct Configured {
    /// Its device now; empty if there is none.
    let node: String
    let describe: (inout CameraList.Entry) -> Void

    init(_ entry: DaemonCameras.Entry) {
        node = entry.device
        describe = { line in
            (line.id, line.name, line.source) = (entry.id, entry.name, entry.text("source"))
            (line.state, line.reason, line.format) = (entry.state, entry.text("reason"), entry.text("format"))
            line.sinceMilliseconds = entry.count("since_ms")
            (line.width, line.height) = (entry.count("width"), entry.count("height"))
            (line.frames, line.lost) = (entry.count("frames"), entry.count("lost"))
            (line.refused, line.fps) = (entry.count("refused"), entry.number("fps"))
        }
    }

    init(_ camera: CameraSettings) {
        var found = "", problem: String?
        if camera.source == .v4l2 {
            do throws(VideoError) {
                found = try V4L2Settings(camera).identity.resolved().node
            } catch {
                problem = "\(error)"
            }
        }
        node = found
        describe = { line in
            (line.id, line.name, line.source) = (camera.id, camera.name, camera.source.rawValue)
            line.error = line.error ?? problem
        }
    }
}

extension CameraList.Entry {
    init(_ device: VideoDevice) {
        (node, bus, serial) = (device.node, device.bus, device.serial)
        (driver, card) = (device.driver, device.card)
        (byID, byPath) = (device.byID, device.byPath)
        error = device.error.map { "\($0)" }
    }

    /// A line for the device, one for each name that finds it again, one for the camera of the settings.
    fileprivate var text: String {
        var lines: [String] = []
        if !node.isEmpty {
            lines.append("\(node)  \(driver.isEmpty ? card : "\(card) (\(driver))")")
            let names =
                [("bus", bus), ("serial", serial)].filter { !$0.1.isEmpty }
                + byID.map { ("id", $0) } + byPath.map { ("path", $0) }
            lines += names.map { "  \($0.0)=\($0.1)" }
        }
        if let id {
            let label = "camera \(id)" + (name.map { $0.isEmpty ? "" : " '\($0)'" } ?? "")
            let isAlone = node.isEmpty
            lines.append((isAlone ? "\(label), source \(source ?? "")" : "  \(label)") + stateText)
        }
        return (lines + (error.map { ["  \($0)"] } ?? [])).joined(separator: "\n")
    }

    private var stateText: String {
        guard let state else { return "" }
        let why = reason.map { $0.isEmpty ? "" : " (\($0))" } ?? ""
        guard let format, !format.isEmpty else { return ": \(state)\(why)" }
        return ": \(state)\(why), \(format) \(width ?? 0)x\(height ?? 0), \(decimals(fps ?? 0, 1)) frames/s, "
            + "\(frames ?? 0) frames, \(lost ?? 0) lost"
    }
}
