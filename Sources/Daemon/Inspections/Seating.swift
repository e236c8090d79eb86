import AnomalyModels
import Capture
import Configuration
import FoundationEssentials
import Imaging
import Inspection
import Logging
import Platform
import Synchronization

/// What the networks of a camera are compiled from: where it is the same again, they need not be made again.
struct Seating: Hashable {
    /// The networks of a camera.
    struct Made {
        let seating: Seating
        /// nil: nothing can judge.
        let inspector: FrameInspector?
        /// What a look at a frame takes at least, nanoseconds.
        let floor: Int
    }

    private struct Part: Hashable {
        let position: Int
        let name: String
        let regions: [String]
        /// Names product, trunk, head and words.
        let digest: String
        let isBroken: Bool
        let tellsKinds: Bool
    }

    private struct Place: Hashable {
        let name: String
        let rect: Region
        let tile: Int
        let overlap: Double
        let mask: String
        /// When the file was changed: it may be another one under the same name.
        let maskTime: Date?
    }

    private let parts: [Part]
    private let places: [Place]
    private let format: PixelFormat
    private let size: Size
    private let quality: QualityLimits

    /// The inspections `own` with frames of `format` from `camera`.
    init(
        _ own: [(position: Int, inspection: ActiveInspection)], _ camera: CameraSettings,
        _ format: PixelFormat
    ) {
        parts = own.map { position, inspection in
            Part(
                position: position, name: inspection.settings.name, regions: inspection.settings.roi,
                digest: inspection.digest, isBroken: inspection.failure != nil,
                tellsKinds: inspection.settings.cluster)
        }
        places = camera.roi.map {
            let file = $0.mask.isEmpty ? nil : try? FileManager.default.attributesOfItem(atPath: $0.mask)
            return Place(
                name: $0.name, rect: $0.rect, tile: $0.tile, overlap: $0.tileOverlap, mask: $0.mask,
                maskTime: file?[.modificationDate] as? Date)
        }
        (self.format, size) = (format, camera.frameSize)
        quality = QualityLimits(
            minimumMean: camera.minMean, maximumMean: camera.maxMean,
            minimumSharpness: camera.minSharpness)
    }
}

extension InspectionControl {
    /// Compiles what every camera needs and puts it before its worker.
    func seatAll() async {
        for unit in core.units { await seat(unit) }
        updateAlarm()
    }

    /// Compiles what the camera of `unit` needs, and hands it over between two frames. Where its worker has just that
    /// already, nothing is compiled, and what was seen in the frames before stays known.
    func seat(_ unit: CameraUnit) async {
        let own = active.filter { $0.inspection.settings.camera == Int(unit.id) }
        setDeadline(of: unit, own)
        let seating = Seating(own, unit.settings, unit.expected.pixelFormat)
        if let known = seated[unit.id], known.seating == seating { return }
        do {
            await hand(try make(own, seating, unit.settings, unit.expected.pixelFormat), to: unit)
        } catch {
            say(.error, "model", "Camera \(unit.title) judges nothing: \(error)")
            await hand(Seating.Made(seating: seating, inspector: nil, floor: 0), to: unit)
            // Not what it should be: the next one tries again.
            seated[unit.id] = nil
        }
    }

    /// The networks of `seating`, which is of `own` and `camera`. Throws what compiling throws.
    func make(
        _ own: [(position: Int, inspection: ActiveInspection)], _ seating: Seating, _ camera: CameraSettings,
        _ format: PixelFormat
    ) throws -> Seating.Made {
        guard own.contains(where: { $0.inspection.failure == nil }) else {
            return Seating.Made(seating: seating, inspector: nil, floor: 0)
        }
        let made = try building.inspector(own, camera: camera, format: format)
        return Seating.Made(seating: seating, inspector: made.inspector, floor: made.nanoseconds)
    }

    func setDeadline(of unit: CameraUnit, _ own: [(position: Int, inspection: ActiveInspection)]) {
        let deadlines = own.map(\.inspection.settings.deadline.nanoseconds)
        unit.gate.deadline.store(deadlines.min() ?? 80_000_000, ordering: .relaxed)
    }

    /// Leaves `made` for the worker of `unit`, who takes it between two frames.
    func leave(_ made: Seating.Made, for unit: CameraUnit) {
        _ = unit.lane.inspectors.put(Lane.Seat(made.inspector))
        unit.floor.store(made.floor, ordering: .relaxed)
        seated[unit.id] = made
    }

    /// The same, and frees what the worker gives up for it.
    func hand(_ made: Seating.Made, to unit: CameraUnit) async {
        leave(made, for: unit)
        // Freed here, where that may take its time; a worker that is busy gives it up later.
        for _ in 0..<200 {
            if unit.lane.inspectors.collect() != nil { return }
            try? await Task.sleep(for: .milliseconds(10))
        }
    }
}
