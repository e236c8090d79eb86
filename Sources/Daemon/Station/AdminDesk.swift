import Capture
import Events
import Imaging
package import Kernels
import Logging
import Platform
package import Sockets
import Synchronization

/// Operations of administrators on cameras and on the station as a whole.
package actor AdminDesk {
    private let core: StationCore
    private let kernels: KernelTable
    private let starter: @Sendable (CameraUnit) throws -> Void

    /// - Parameter starter: opens a camera on its thread.
    package init(
        core: StationCore, kernels: KernelTable, starter: @escaping @Sendable (CameraUnit) throws -> Void
    ) {
        (self.core, self.kernels, self.starter) = (core, kernels, starter)
    }

    /// State 1: nothing is judged, cameras are closed, log and sockets are served.
    package func halt() throws(Refusal) -> AdminReply {
        guard core.state.phase != .halted else { throw Refusal(.badState) }
        for unit in core.units { core.arm(unit, false) }
        core.update { $0.phase = .halted }
        for unit in core.units { unit.stop() }
        return .ok()
    }

    /// Back to work: cameras are opened and armed as at the start.
    package func resume() throws(Refusal) -> AdminReply {
        guard core.state.phase == .halted else { throw Refusal(.badState) }
        startCameras()
        if core.state.recipe == 0 {
            core.update { $0.phase = .withoutRecipe }
        } else {
            core.run(recipe: core.state.recipe)
        }
        return .ok()
    }

    /// Ends the safe mode: first what judges is loaded, which it has not been yet, then cameras are opened. False if
    /// there is none, or another call ends it already.
    package func endSafeMode(_ control: InspectionControl) async -> Bool {
        let isOurs = core.update { model in
            guard model.isSafeMode, model.phase == .halted else { return false }
            (model.phase, model.isSafeMode) = (.starting, false)
            return true
        }
        guard isOurs else { return false }
        await control.begin(isAfterCrash: false)
        startCameras()
        return true
    }

    /// Opens every camera; one that is impossible is said and left out.
    package func startCameras() {
        for unit in core.units where !unit.isRunning {
            do {
                try starter(unit)
            } catch {
                core.journal.say(.error, "capture", "Camera \(unit.title) cannot be opened: \(error)")
            }
        }
    }

    /// The newest frame of `unit` as PNG, bit-exact where the frames are grey or RGB.
    package func snap(_ unit: CameraUnit) throws(Refusal) -> [UInt8] {
        guard let frame = unit.lane.memory.hold(job: unit.lane.memory.newestJob) else {
            throw Refusal(.notFound, message: "Camera \(unit.title) has given no frame yet: is it armed?")
        }
        do {
            return try FramePicture(frame, kernels: kernels).png()
        } catch { throw Refusal(.internal, message: "\(error)") }
    }

    /// What the camera delivers in five seconds.
    package func probe(_ unit: CameraUnit) async throws(Refusal) -> [JSONMember] {
        guard unit.state.isPresent else { throw Refusal(.noCamera) }
        let taken = unit.counters.takenCount, lost = unit.counters.lostCount
        let start = MonotonicClock.now
        var arrivals: [Int64] = [], newest: UInt32 = 0
        while MonotonicClock.now - start < 5_000_000_000 {
            let job = unit.lane.memory.newestJob
            if job != newest, let frame = unit.lane.memory.hold(job: job) {
                newest = job
                arrivals.append(frame.header.driverNanoseconds)
            }
            try? await Task.sleep(for: .milliseconds(2))
        }
        let seconds = Double(MonotonicClock.now - start) / 1e9
        let count = unit.counters.takenCount - taken
        let gaps = zip(arrivals.dropFirst(), arrivals).map { Double($0 - $1) / 1e6 }
        let mean = gaps.isEmpty ? 0 : gaps.reduce(0, +) / Double(gaps.count)
        let variance =
            gaps.isEmpty ? 0 : gaps.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(gaps.count)
        return [
            JSONMember("fps", .number(Double(count) / seconds)),
            JSONMember("jitter_ms", .number(variance.squareRoot())),
            JSONMember("dropped", .integer(Int64(unit.counters.lostCount - lost))),
            JSONMember("format", .text(unit.expected.pixelFormat.rawValue)),
            JSONMember("width", .integer(Int64(unit.expected.size.width))),
            JSONMember("height", .integer(Int64(unit.expected.size.height))),
            JSONMember("frames", .integer(Int64(count))), JSONMember("seconds", .number(seconds)),
            JSONMember("advice", .text(count == 0 ? "No frame came: check light, cable and trigger." : "")),
        ]
    }
}
