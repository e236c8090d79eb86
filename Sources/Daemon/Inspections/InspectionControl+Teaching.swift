import AnomalyModels
import Capture
import Configuration
import EventStorage
import Events
import FoundationEssentials
import Imaging
import ModelPackages
import Platform
import Sockets

// Teaching happens in another process; the daemon gives it frames, and takes what it made.
extension InspectionControl {
    func teaching(_ request: AdminRequest) async throws(Refusal) -> AdminReply {
        switch request {
        case .teachStart(let inspect, let kind):
            _ = try inspection(inspect)
            try requireRoom()
            lastTeachSet += 1
            let folder = shelf.folder + "/teach/\(core.log.run)-\(lastTeachSet)"
            do {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            } catch { throw Refusal(.storageError, message: "'\(folder)' cannot be made: \(error)") }
            teachSets[lastTeachSet] = TeachSet(
                inspect: inspect, isReference: kind == .reference, folder: folder)
            return .ok([JSONMember("set", .integer(Int64(lastTeachSet)))])
        case .teachAdd(let set, let frame): return .ok(try await add(frame, to: try number(set)))
        case .teachStatus:
            return .ok([JSONMember("sets", .array(teachSets.sorted { $0.key < $1.key }.map(Self.member)))])
        case .teachCommit(let set): return .ok(try await commit(set))
        case .teachAbort(let set):
            guard let ended = teachSets.removeValue(forKey: set) else { throw noSet(set) }
            try? FileManager.default.removeItem(atPath: ended.folder)
            return .ok()
        default: throw Refusal(.internal)
        }
    }

    /// Bytes that good parts and what is learned of them may take: some megabytes, unless a region has many tiles, each of
    /// which is known by its place.
    private static let roomToTeach = 32 << 20

    /// Throws if the disk has no room to teach: it is told before anything is done.
    private func requireRoom() throws(Refusal) {
        let free = ProcessFigures.freeBytes(shelf.folder)
        guard free < Self.roomToTeach else { return }
        throw Refusal(
            .diskFull,
            message: "The disk of '\(shelf.folder)' has \(free >> 20) MiB left, and teaching wants "
                + "\(Self.roomToTeach >> 20). Make room there; nothing was changed.")
    }

    /// The set that is meant; without a number the last one.
    private func number(_ set: Int32?) throws(Refusal) -> Int32 {
        let number = set ?? lastTeachSet
        guard let found = teachSets[number] else { throw noSet(number) }
        guard !found.isFrozen else {
            throw Refusal(.badState, message: "Set \(number) is committed already.")
        }
        return number
    }

    private func noSet(_ number: Int32) -> Refusal {
        let advice =
            teachSets.isEmpty
            ? "Begin one with 'linewatch teach start'." : "See 'linewatch teach status'."
        return Refusal(.notFound, key: "set", message: "There is no set \(number). \(advice)")
    }

    private static func member(_ entry: (key: Int32, value: TeachSet)) -> JSONValue {
        .object([
            JSONMember("set", .integer(Int64(entry.key))), JSONMember("inspect", .text(entry.value.inspect)),
            JSONMember("kind", .text(entry.value.isReference ? "reference" : "calibration")),
            JSONMember("count", .integer(Int64(entry.value.count))),
            JSONMember("frozen", .integer(entry.value.isFrozen ? 1 : 0)),
            JSONMember("folder", .text(entry.value.folder)),
        ])
    }

    /// Puts a frame into the set `number` as PNG, bit-exact.
    private func add(_ frame: AdminRequest.TeachFrame, to number: Int32) async throws(Refusal) -> [JSONMember]
    {
        guard let set = teachSets[number] else { throw noSet(number) }
        let settings = try inspection(set.inspect).settings
        guard let unit = core.unit(UInt8(clamping: settings.camera)) else { throw Refusal(.noCamera) }
        var seq: UInt64 = 0
        let job: UInt32
        switch frame {
        case .next: job = try await nextJob(of: unit)
        case .seq(let wanted):
            (seq, job) = (wanted, try result(wanted).job)
        }
        guard let held = unit.lane.memory.hold(job: job) else {
            throw Refusal(
                .notFound,
                message: "The frame is no longer in memory: choose a newer one, or raise 'ring_frames'.")
        }
        let outcome = held.outcome
        let path = "\(set.folder)/\(set.count).png"
        do {
            try writeAtomically(path, try FramePicture(held, kernels: building.kernels).png())
        } catch { throw Refusal(.storageError, message: "\(error)") }
        // The actor was free while the frame was awaited: the set may have grown.
        teachSets[number]?.count += 1
        if outcome.verdict != .invalid, outcome.calibration != 0 {
            teachSets[number]?.scores.append((outcome.rawScore, outcome.timeMilliseconds))
        }
        return [
            JSONMember("set", .integer(Int64(number))),
            JSONMember("count", .integer(Int64(teachSets[number]?.count ?? 0))),
            JSONMember("file", .text(path)),
            JSONMember("seq", .integer(Int64(clamping: seq))),
        ]
    }

    /// The job of the next frame that is inspected.
    private func nextJob(of unit: CameraUnit) async throws(Refusal) -> UInt32 {
        let before = unit.lane.memory.newestJob
        for _ in 0..<1_500 {
            let job = unit.lane.memory.newestJob
            if job != before { return job }
            try? await Task.sleep(for: .milliseconds(4))
        }
        throw Refusal(
            .notFound,
            message:
                "Camera \(unit.title) gave no frame for 6 s: is it there, armed, and is the line running?")
    }

    /// Ends the set: references go to the teaching process, calibration parts join the good parts.
    private func commit(_ number: Int32) async throws(Refusal) -> [JSONMember] {
        guard let set = teachSets[number] else { throw noSet(number) }
        let inspection = try inspection(set.inspect)
        guard let unit = core.unit(UInt8(clamping: inspection.settings.camera)) else {
            throw Refusal(.noCamera)
        }
        teachSets[number]?.isFrozen = true
        if !set.isReference { try await confirm(set, inspection) }
        do {
            let regions = try building.regions(of: inspection.settings, in: unit.settings).map { region in
                JSONValue.object([
                    JSONMember("x", .integer(Int64(region.rect.x))),
                    JSONMember("y", .integer(Int64(region.rect.y))),
                    JSONMember("w", .integer(Int64(region.rect.width))),
                    JSONMember("h", .integer(Int64(region.rect.height))),
                    JSONMember("tile", .integer(Int64(region.tile))),
                    JSONMember("overlap", .number(region.overlap)),
                    JSONMember("mask", .text(maskPath(of: region.rect, unit.settings))),
                ])
            }
            return [
                JSONMember("set", .integer(Int64(number))), JSONMember("inspect", .text(set.inspect)),
                JSONMember("camera", .integer(Int64(unit.id))),
                JSONMember("count", .integer(Int64(set.count))),
                JSONMember("folder", .text(set.folder)), JSONMember("state", .text(shelf.folder)),
                JSONMember("trunk", .text(try building.locator.find(inspection.settings.model))),
                JSONMember("oriented", .integer(inspection.settings.oriented ? 1 : 0)),
                JSONMember("regions", .array(regions)),
            ] + Self.members(of: try building.words(of: inspection.settings))
        } catch { throw Refusal(.modelInvalid, message: "\(error)") }
    }

    private static func members(of words: ClassWords) -> [JSONMember] {
        let lists = [("class_names", words.names), ("good_words", words.good), ("bad_words", words.bad)]
        return lists.map { JSONMember($0, .array($1.map { .text($0) })) }
    }

    private func maskPath(of rect: Region, _ camera: CameraSettings) -> String {
        camera.roi.first { $0.rect == rect }?.mask ?? ""
    }

    private func confirm(_ set: TeachSet, _ inspection: ActiveInspection) async throws(Refusal) {
        guard var calibrated = Optional(inspection), let known = inspection.calibration else {
            throw Refusal(.badState, message: "'\(set.inspect)' has no model yet: teach references first.")
        }
        let parts = set.scores.map {
            StoredCalibration.Part(score: $0.score, timeMilliseconds: $0.timeMilliseconds, isReference: false)
        }
        do {
            calibrated.calibration = try await store(
                calibrated, parts: known.parts + parts, leaveOneOutScores: known.leaveOneOutScores)
        } catch { throw Refusal(.storageError, message: "\(error)") }
        replace(calibrated)
        updateRules()
        core.raise(Event(.teachCommitted, severity: .notice, a: Int32(parts.count)))
    }

    /// Keeps the frame of a part that was rejected falsely for the next teaching of its inspection.
    func propose(_ result: InspectionResult, seq: UInt64) throws(Refusal) {
        guard let unit = core.unit(result.camera), let held = unit.lane.memory.hold(job: result.job),
            let judged = inspections.first(where: { $0.product?.model == result.model })
        else {
            throw Refusal(
                .notFound, message: "The mark is kept, but the frame is no longer in memory to absorb.")
        }
        do {
            let png = try FramePicture(held, kernels: building.kernels).png()
            try keep(png, "\(seq).png", of: judged.settings.name, in: "proposed")
        } catch { throw Refusal(.storageError, message: "\(error)") }
    }

    /// Keeps the frame of a part whose defect in `box` was missed, as practice for the next teaching of every taught
    /// inspection of its camera. Of a frame that an earlier mark kept, the box alone is written anew.
    func keepMissed(_ result: InspectionResult, _ box: Box, seq: UInt64) throws(Refusal) {
        let taught = inspections.filter { $0.product != nil && $0.settings.camera == Int(result.camera) }
            .map(\.settings.name)
        do {
            let png = try picture(of: result)
            let keeping = png == nil ? taught.filter { hasKept("\(seq).png", of: $0, in: "missed") } : taught
            guard png != nil || !keeping.isEmpty else {
                throw Refusal(
                    .notFound,
                    message: "The mark is kept, but the frame is no longer in memory to practise with.")
            }
            for name in keeping {
                // The picture last: without it a box means nothing.
                let line = "\(box.x) \(box.y) \(box.width) \(box.height)\n"
                try keep(Array(line.utf8), "\(seq).box", of: name, in: "missed")
                if let png { try keep(png, "\(seq).png", of: name, in: "missed") }
            }
        } catch let refusal as Refusal { throw refusal } catch {
            throw Refusal(.storageError, message: "\(error)")
        }
    }

    /// The frame of `result` as a PNG; nil if it is no longer in memory.
    private func picture(of result: InspectionResult) throws -> [UInt8]? {
        guard let unit = core.unit(result.camera), let held = unit.lane.memory.hold(job: result.job) else {
            return nil
        }
        return try FramePicture(held, kernels: building.kernels).png()
    }

    /// Forgets what an earlier mark of `seq` kept in `folder`, "proposed" or "missed": the newer one says otherwise.
    func withdraw(_ seq: UInt64, of camera: UInt8, from folder: String) throws(Refusal) {
        do {
            for inspection in inspections where inspection.settings.camera == Int(camera) {
                // The picture first: without it a box means nothing.
                for file in ["\(seq).png", "\(seq).box"]
                where hasKept(file, of: inspection.settings.name, in: folder) {
                    try FileManager.default.removeItem(
                        atPath: kept(inspection.settings.name, folder) + "/" + file)
                }
            }
        } catch { throw Refusal(.storageError, message: "\(error)") }
    }

    /// The frame of the part `seq` that is proposed for the bank of `inspection`, as a PNG; nil where none is.
    func proposed(_ seq: UInt64, of inspection: String) -> [UInt8]? {
        FileManager.default.contents(atPath: kept(inspection, "proposed") + "/\(seq).png").map { [UInt8]($0) }
    }

    private func kept(_ inspection: String, _ folder: String) -> String {
        shelf.folder + "/inspections/\(inspection)/\(folder)"
    }

    private func hasKept(_ file: String, of inspection: String, in folder: String) -> Bool {
        FileManager.default.fileExists(atPath: kept(inspection, folder) + "/" + file)
    }

    private func keep(_ bytes: [UInt8], _ file: String, of inspection: String, in folder: String) throws {
        let path = kept(inspection, folder)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try writeAtomically(path + "/" + file, bytes)
    }
}
