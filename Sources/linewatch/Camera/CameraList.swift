import ArgumentParser
import Capture

/// `linewatch camera list`: the cameras of this machine by all their names.
struct CameraList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists the cameras of this machine by all their names.",
        discussion: "Exits with 1 if one of them cannot be opened.")

    @Flag(help: "Print one JSON document.")
    var json = false

    struct Entry: Encodable {
        let node: String
        let bus: String
        let serial: String
        let driver: String
        let card: String
        let byID: [String]
        let byPath: [String]
        let error: String?

        enum CodingKeys: String, CodingKey {
            case node, bus, serial, driver, card, error
            case byID = "by_id"
            case byPath = "by_path"
        }
    }

    struct Report: Encodable {
        let schema = "linewatch.camera.list/1"
        let cameras: [Entry]
    }

    func run() throws {
        let devices = VideoDevice.all()
        if json {
            let entries = devices.map { device in
                Entry(
                    node: device.node, bus: device.bus, serial: device.serial, driver: device.driver,
                    card: device.card, byID: device.byID, byPath: device.byPath,
                    error: device.error.map { "\($0)" })
            }
            print(try jsonText(Report(cameras: entries)))
        } else if devices.isEmpty {
            print("no camera")
        } else {
            print(devices.map(text).joined(separator: "\n"))
        }
        if devices.contains(where: { $0.error != nil }) { throw ExitCode(1) }
    }

    /// A line for the device and one for each name that finds it again.
    private func text(_ device: VideoDevice) -> String {
        let head = device.driver.isEmpty ? device.card : "\(device.card) (\(device.driver))"
        let names =
            [("bus", device.bus), ("serial", device.serial)].filter { !$0.1.isEmpty }
            + device.byID.map { ("id", $0) } + device.byPath.map { ("path", $0) }
        return
            (["\(device.node)  \(head)"] + names.map { "  \($0.0)=\($0.1)" }
            + (device.error.map { ["  \($0)"] } ?? [])).joined(separator: "\n")
    }
}
