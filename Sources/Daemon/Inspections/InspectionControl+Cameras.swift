import Configuration
import Events
import Logging
import Platform
import Synchronization

// HOW A CAMERA LEAVES
//
// It is disarmed: frames that come are nobody's trigger any more. Its thread ends. What is on the docket gets its
// result, by the inspection or by the deadline; the supervisor reads the last notices, the archivist takes the last
// pictures. Only then is it taken out of the station, and its worker gives up the lane. The other cameras have their
// own threads, rings and networks, and notice nothing.

extension InspectionControl {
    /// Makes `units` the cameras of the station, and opens those that are new; `seats` are the networks of these.
    /// Returns the numbers of the new ones.
    func exchangeCameras(_ units: [CameraUnit], seats: [UInt8: Seating.Made]) async -> Set<UInt8> {
        let known = core.units
        let leaving = known.filter { old in !units.contains { $0 === old } }
        let arriving = units.filter { new in !known.contains { $0 === new } }
        guard !leaving.isEmpty || !arriving.isEmpty else {
            if zip(known, units).contains(where: { $0 !== $1 }) { core.exchange(units) }
            return []
        }
        let wereArmed = Set(
            leaving.filter { $0.gate.isArmed.load(ordering: .relaxed) || !$0.wantsToBeArmed }.map(\.id))
        endShadows(of: leaving)
        await drain(leaving)
        for unit in arriving {
            if let seat = seats[unit.id] { leave(seat, for: unit) }
            setDeadline(of: unit, active.filter { $0.inspection.settings.camera == Int(unit.id) })
            unit.gate.recipe.store(core.state.recipe, ordering: .relaxed)
            let isClockRight = core.isClockSynchronised.load(ordering: .relaxed)
            unit.lane.say(.clockNotSynchronised, !isClockRight)
        }
        core.exchange(units)
        let ids = Set(units.map(\.id))
        seated = seated.filter { ids.contains($0.key) }
        await handLanes()
        core.updateCameraAlarms()
        for unit in arriving {
            // Disarmed by an operator, it stays so.
            let isOld = leaving.contains { $0.id == unit.id }
            let isWanted = unit.wantsToBeArmed && (!isOld || wereArmed.contains(unit.id))
            core.arm(unit, core.state.isRunning && isWanted)
            open(unit)
        }
        for unit in leaving where !ids.contains(unit.id) {
            say(.notice, "capture", "Camera \(unit.title) was removed; its results stay in the log.")
        }
        Memory.releaseFreed()
        return Set(arriving.map(\.id))
    }

    private func open(_ unit: CameraUnit) {
        guard core.state.phase != .halted else { return }
        do { try cameras.start(unit) } catch {
            say(.error, "capture", "Camera \(unit.title) cannot be opened: \(error)")
        }
    }

    /// Ends the threads of `units`, and waits until everything of them has its result: as long as the longest
    /// deadline, 5 s at most.
    private func drain(_ units: [CameraUnit]) async {
        for unit in units {
            unit.isLeaving.store(true, ordering: .releasing)
            core.arm(unit, false)
            unit.stop()
        }
        // The supervisor and the archivist look only at cameras that are there.
        for _ in 0..<500 where !units.allSatisfy(\.isDrained) {
            core.alarm.wake()
            try? await Task.sleep(for: .milliseconds(10))
        }
        // Somebody may have opened one in the moment before it was marked.
        for unit in units { unit.stop() }
    }

    /// Candidates that judge the frames of `units` have none any more.
    private func endShadows(of units: [CameraUnit]) {
        for (name, shadow) in shadows where units.contains(where: { $0 === shadow.unit }) {
            shadow.finish()
            shadows[name] = nil
            say(.notice, "model", "The shadow of '\(name)' has ended: its camera was made anew.")
        }
    }

    /// Tells every worker which cameras are its own, and frees those that it gives up.
    private func handLanes() async {
        let units = core.units
        for (number, worker) in core.workers.enumerated() {
            _ = worker.newLanes.collect()
            _ = worker.newLanes.put(units.filter { $0.worker == number }.map(\.lane))
            worker.wakeUp.signal()
            for _ in 0..<200 {
                if worker.newLanes.collect() != nil { break }
                try? await Task.sleep(for: .milliseconds(10))
            }
        }
    }
}

extension CameraUnit {
    /// Armed from the start, as its settings have it.
    fileprivate var wantsToBeArmed: Bool { settings.arm && source != .none }
}
