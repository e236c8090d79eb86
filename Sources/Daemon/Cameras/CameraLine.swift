import Capture
package import Configuration
package import EventStorage
import Events
import Imaging
import Inspection
import Logging
package import Platform
import Synchronization

/// Makes the cameras of the settings with everything around them, and starts their threads.
package struct CameraLine: Sendable {
    package let log: EventLog
    package let alarm: Alarm
    package let infer: InferenceSettings
    package let wakeUps: [EventCounter]

    package init(log: EventLog, alarm: Alarm, infer: InferenceSettings, wakeUps: [EventCounter]) {
        (self.log, self.alarm, self.infer, self.wakeUps) = (log, alarm, infer, wakeUps)
    }

    /// The worker that judges the fewest of `units`, and so a camera that joins them; of equals the first.
    package func worker(beside units: [CameraUnit]) -> Int {
        var load = Array(repeating: 0, count: wakeUps.count)
        for unit in units { load[unit.worker] += 1 }
        return load.indices.min { load[$0] < load[$1] } ?? 0
    }

    /// The cameras of `settings`, not yet opened, and spread over the workers. Throws as `unit` does.
    package func units(_ settings: [CameraSettings], images: ImageSettings) throws -> [CameraUnit] {
        try settings.reduce(into: []) { units, camera in
            units.append(try unit(camera, worker: worker(beside: units), images: images))
        }
    }

    /// The camera of `settings`, not yet opened. Throws if there is no memory for its frames.
    package func unit(_ settings: CameraSettings, worker: Int, images: ImageSettings) throws -> CameraUnit {
        let expected = settings.expectedFormat()
        let docket = Docket(capacity: infer.queue)
        let log = log
        let gate = Gate(
            camera: UInt8(clamping: settings.id), docket: docket, isSoftware: settings.trigger == .software,
            alarm: alarm, takeJob: { log.takeJob() })
        // Drivers pad rows: some room beyond the bare pixels.
        let frameBytes = expected.pixelFormat.byteCount(
            height: expected.size.height, bytesPerRow: expected.bytesPerRow + 64)
        let memory = try FrameMemory(
            slotCount: images.ringFrames, frameBytes: frameBytes, byteLimit: images.ringMiB << 20,
            heatSize: FrameInspector.heatSize(of: expected.size))
        let lane = Lane(
            camera: UInt8(clamping: settings.id), docket: docket, frames: Ring(capacity: infer.queue + 2),
            memory: memory, leastRows: settings.kind == .linescan ? settings.line.minValidLines : 0,
            scale: (
                settings.line.pixelsPerMillimetre,
                settings.line.encoder == .chunk ? settings.line.countsPerMillimetre : 0
            ))
        if settings.source == .simulated || settings.source == .folder {
            lane.flags.store(RecordFlags.simulated.rawValue, ordering: .relaxed)
        }
        lane.keep(images)
        return CameraUnit(settings, worker: worker, expected: expected, gate: gate, lane: lane)
    }

    /// Opens the camera of `unit` on a thread of its own.
    package func start(_ unit: CameraUnit) throws {
        try unit.start(
            worker: wakeUps[unit.worker], alarm: alarm, queue: infer.queue, cpus: infer.cpus.map(Int32.init))
    }
}

extension Lane {
    /// Which pictures are kept, as `[images]` has it.
    package func keep(_ images: ImageSettings) {
        let verdicts: [Verdict] =
            switch images.keep {
            case .none, .sample: []
            case .ng: [.ng]
            case .ngAndUnsure: [.ng, .unsure]
            case .all: Verdict.allCases
            }
        keptVerdicts.store(verdicts.reduce(0) { $0 | 1 << $1.rawValue }, ordering: .relaxed)
        samplePPM.store(images.keep == .none ? 0 : UInt32(clamping: images.samplePPM), ordering: .relaxed)
    }
}
