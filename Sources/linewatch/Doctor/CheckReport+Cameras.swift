import Capture
import Configuration
import Imaging

extension CheckReport {
    /// Each camera of the settings: as the daemon sees it, or else as it can be opened now.
    package static func cameras(of box: Box) -> [Check] {
        box.settings.camera.map { camera in
            let row = box.report?.cameras?.first { $0.id == camera.id }
            let name = "camera \(camera.id)" + (camera.name.isEmpty ? "" : " (\(camera.name))")
            if let row { return check(name, row, camera) }
            return check(name, camera, machine: box.machine)
        }
    }

    /// What the daemon says of a camera, beside what it was asked for.
    private static func check(
        _ name: String, _ row: StationReport.CameraRow, _ camera: CameraSettings
    ) -> Check {
        let picture = "\(row.width)x\(row.height) \(row.format), \(decimals(row.fps, 1)) frames/s"
        let device = row.device.isEmpty ? row.source : "\(row.device)"
        guard ["streaming", "idle"].contains(row.state) else {
            let reason = row.reason.isEmpty ? "" : " (\(row.reason))"
            guard row.state != "disabled" else { return .pass(name, "disabled\(reason).") }
            return .fail(
                name, "\(row.state)\(reason).",
                remedy: row.state == "wrong"
                    ? "Correct 'match': 'linewatch camera list' shows the names of all cameras."
                    : "Check its cable and power; 'linewatch camera list' shows what is there.")
        }
        let detail =
            "\(device): \(picture), \(grouped(row.lost)) frames lost, \(grouped(row.refused)) refused."
        if camera.trigger == .free, camera.fps > 0, row.state == "streaming", row.fps < camera.fps * 0.9 {
            return .warn(
                name, detail + " \(decimals(camera.fps, 1)) frames/s were asked for.",
                remedy: "Shorten the exposure or ask for what it can do: 'linewatch camera probe' says what.")
        }
        guard row.lost > row.frames / 1_000 else { return .pass(name, detail) }
        return .warn(
            name, detail, remedy: "Give the camera a USB controller of its own, or more 'buffers'.")
    }

    /// What can be told of a camera that no daemon holds.
    private static func check(_ name: String, _ camera: CameraSettings, machine: Machine) -> Check {
        switch camera.source {
        case .none: return .pass(name, "none, as set.")
        case .simulated: return .pass(name, "simulated.")
        case .folder:
            guard !machine.names(in: camera.folder).isEmpty else {
                return .fail(
                    name, "the folder '\(camera.folder)' has no pictures, or may not be read.",
                    remedy: "Put pictures or a recording there, or correct 'folder'.")
            }
            return .pass(name, "the folder '\(camera.folder)'.")
        case .v4l2: return open(name, camera)
        }
    }

    private static func open(_ name: String, _ camera: CameraSettings) -> Check {
        var identity = CameraIdentity()
        (identity.serial, identity.id) = (camera.match.serial, camera.match.id)
        (identity.path, identity.bus) = (camera.match.path, camera.match.bus)
        var settings = V4L2Settings(identity: identity)
        settings.format = camera.format
        settings.size = Size(width: camera.width, height: camera.height)
        settings.framesPerSecond = camera.fps
        settings.bufferCount = camera.buffers
        if camera.crop.width > 0 { settings.crop = camera.crop }
        var device = V4L2Camera(settings)
        do {
            try device.openNow()
        } catch {
            return .fail(
                name, "\(error)", remedy: "See 'linewatch camera list' and 'linewatch camera probe'.")
        }
        let node = device.device?.summary ?? "\(identity)"
        let picture = "\(camera.width)x\(camera.height) \(camera.format)"
        guard let remark = device.negotiation?.remarks.first else {
            return .pass(name, "\(node): \(picture), as asked for.")
        }
        return .warn(name, "\(node): \(picture). \(remark)", remedy: "See 'linewatch camera probe'.")
    }
}
