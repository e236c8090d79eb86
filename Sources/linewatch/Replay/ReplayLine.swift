internal import Capture
internal import Configuration
internal import EventStorage
internal import FoundationEssentials
internal import Imaging
internal import Platform
internal import Sockets

/// The station of this box once more, in a folder of its own: one of its cameras plays a recording, and its
/// inspections judge that with the models, thresholds and calibrations that are in use.
///
/// Nothing of the station changes: what was taught is read through links, calibrations are copied into a new log.
struct ReplayLine {
    private let settings: Settings
    private let recording: Recording
    private let own: OwnDaemon

    /// Writes settings and state for `camera` of `station` into the empty folder `folder`.
    init(
        _ station: Settings, camera: CameraSettings, playing recording: Recording, in folder: String,
        program: String
    ) throws {
        self.recording = recording
        own = OwnDaemon(
            program: program, settings: folder + "/line.toml", folder: folder, state: folder + "/state")
        settings = Self.settings(of: station, camera, recording, own)
        try FileManager.default.createDirectory(atPath: own.state, withIntermediateDirectories: true)
        for inspection in settings.inspect {
            try Self.lend(inspection.name, from: station.store.dir, to: own.state)
        }
        try copyCalibrations(from: station.store.dir)
        try writeAtomically(own.settings, Array(settings.annotatedFile.utf8))
    }

    /// `station` with `camera` alone, which plays `recording` as fast as it is inspected: no verdict depends on time.
    private static func settings(
        of station: Settings, _ camera: CameraSettings, _ recording: Recording, _ own: OwnDaemon
    ) -> Settings {
        var settings = station
        var camera = camera
        (camera.source, camera.folder, camera.trigger, camera.arm) = (.folder, recording.path, .free, true)
        (camera.replay.speed, camera.replay.rounds) = (0, 1)
        if let format = recording.frames.first?.format {
            (camera.width, camera.height) = (format.size.width, format.size.height)
            camera.format = format.pixelFormat.rawValue
        }
        settings.camera = [camera]
        settings.inspect = station.inspect.filter { $0.camera == camera.id }.map { inspection in
            var patient = inspection
            patient.deadline = .seconds(60)
            // Which kind a defect is of depends on those before it, and on the hour.
            patient.cluster = false
            return patient
        }
        settings.recipe = []
        settings.model.path =
            [own.state + "/models"] + station.model.path.filter { $0 != station.store.dir + "/models" }
        settings.store = Configuration.StoreSettings()
        (settings.store.dir, settings.store.minFreeMiB, settings.store.ballastMiB) = (own.state, 64, 4)
        settings.images.keep = .none
        (settings.plc.socket, settings.admin.socket) = (own.plc, own.admin)
        (settings.clock.source, settings.metrics.textfile, settings.log.target) = (.none, "", .stderr)
        settings.access.admins = [OwnDaemon.user]
        return settings
    }

    /// Links the model that `inspection` uses, and copies what the operator set.
    private static func lend(_ inspection: String, from old: String, to new: String) throws {
        let files = FileManager.default
        let (source, target) = ("\(old)/inspections/\(inspection)", "\(new)/inspections/\(inspection)")
        guard let link = try? files.destinationOfSymbolicLink(atPath: source + "/current"),
            let digest = link.split(separator: "/").last
        else { return }
        for path in [target, new + "/models"] {
            try files.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        let model = "\(new)/models/\(digest)"
        if !files.fileExists(atPath: model) {
            try files.createSymbolicLink(atPath: model, withDestinationPath: "\(old)/models/\(digest)")
        }
        try files.createSymbolicLink(atPath: target + "/current", withDestinationPath: link)
        for name in ["threshold", "words"] where files.fileExists(atPath: "\(source)/\(name)") {
            try files.copyItem(atPath: "\(source)/\(name)", toPath: "\(target)/\(name)")
        }
    }

    private func copyCalibrations(from old: String) throws {
        guard FileManager.default.fileExists(atPath: old + "/events.db") else { return }
        let reader = try RecordReader(folder: old)
        let log = try EventLog.open(folder: own.state, settings: EventStorage.StoreSettings())
        for inspection in settings.inspect {
            for calibration in try reader.calibrations(inspect: inspection.name).reversed() {
                let answer = Awaited<Result<Int32, EventLogError>>()
                log.add(calibration) { answer.give($0) }
                try log.commit([])
                _ = try answer.wait().get()
            }
        }
        try log.stop()
    }

    /// Plays the whole recording and returns its results in order.
    ///
    /// Throws where the recording is damaged: what comes before the damage is no whole replay.
    func results() throws -> [GoldenResult] {
        let daemon = try own.start()
        try waitForEnd()
        let log = try LogReading(socket: own.plc)
        var results: [GoldenResult] = []
        var cursor: UInt64 = 0
        while cursor < log.last {
            let before = cursor
            for record in try log.poll(after: &cursor, limit: 256, waitMilliseconds: 0)
            where record.line.kind == "r" {
                guard let result = GoldenResult(record: record.line.text, frame: results.count + 1) else {
                    throw own.failure("The daemon sent what is no JSON: \(record.line.text)")
                }
                results.append(result)
            }
            guard cursor > before else { break }
        }
        try own.stop(daemon)
        return results
    }

    /// Waits until the camera has played everything and everything is judged.
    private func waitForEnd() throws {
        let client = try StationClient(socket: own.admin)
        var turns = 0, seen: Int64 = -1
        // A minute without any progress, however long the recording is.
        while turns < 1_200 {
            let state = try camera(client)
            let stats = try client.ask(.stats)
            let judged = ["ok", "ng", "un", "iv"].reduce(0) { $0 + (stats.number($1) ?? 0) }
            let frames = state["frames"]?.integer ?? 0
            if state["state"]?.text == "idle", frames >= recording.frames.count,
                stats.number("tr") == judged
            {
                return
            }
            if frames > 0, ["lost", "wrong"].contains(state["state"]?.text) {
                let reason = recording.damage.map { "\($0)" } ?? state["reason"]?.text ?? ""
                throw CommandFailure(
                    "Only \(frames) of \(recording.frames.count) frames can be played: \(reason)")
            }
            turns = judged == seen ? turns + 1 : 0
            seen = judged
            MonotonicClock.sleep(nanoseconds: 50_000_000)
        }
        throw own.failure(
            "The recording was not played to its end: \(try camera(client)["state"]?.text ?? "")")
    }

    private func camera(_ client: StationClient) throws -> Sockets.JSONValue {
        try client.ask(.cameraList)["cameras"]?.elements?.first ?? .null
    }
}
