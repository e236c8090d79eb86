import Configuration
import Events
import FoundationEssentials
import Logging
import Platform
import Sockets
import Synchronization

extension InspectionControl {
    /// Reads the settings anew and puts them in force, all or nothing (OPERATIONS O3): on any mistake what is in
    /// force stays, and event 1005 says so. Cameras whose settings did not change go on without losing a frame.
    func reload() async throws(Refusal) -> [JSONMember] {
        let new = Settings.load(
            main: loaded.files.first ?? "", confd: Self.folder(of: loaded.files.first ?? "") + "conf.d",
            environment: ProcessInfo.processInfo.environment)
        for finding in new.findings {
            say(finding.severity == .error ? .error : .warning, "config", "\(finding)")
        }
        if let first = new.errors.first {
            core.raise(Event(.configRejected, severity: .error, a: Self.line(of: first)))
            core.update { $0.present.insert(.configRejected) }
            throw Refusal(.configInvalid, message: "\(first)")
        }
        let difference = SettingDifference(from: loaded, to: new)
        let old = core.state.config
        do {
            try await exchangeCameras(difference, new)
        } catch {
            core.raise(Event(.configRejected, severity: .error))
            core.update { $0.present.insert(.configRejected) }
            throw Refusal(.configInvalid, message: "\(error)")
        }
        await putInForce(new)
        core.raise(Event(.configChanged, severity: .notice, a: Int32(old), b: Int32(core.state.config)))
        let waiting = difference.changes.filter { $0.scope == .restart }.map { JSONValue.text($0.path) }
        if !waiting.isEmpty {
            say(.notice, "config", "Some changes need a restart: systemctl restart linewatchd")
        }
        return [
            JSONMember("cfg", .integer(Int64(core.state.config))), JSONMember("restart", .array(waiting)),
        ]
    }

    private func putInForce(_ new: LoadedSettings) async {
        use(new)
        core.update { $0.present.remove(.configRejected) }
        core.journal.set(level: new.settings.log.level.rawValue)
        for unit in core.units { unit.lane.keep(new.settings.images) }
        var renewed: [ActiveInspection] = []
        for setting in new.settings.inspect {
            if var known = inspections.first(where: { $0.settings.name == setting.name }) {
                let isSame = known.settings.hasSameWords(as: setting)
                known = ActiveInspection(setting, as: known)
                if !isSame, known.product == nil { await loadZeroShot(&known) }
                renewed.append(known)
            } else {
                renewed.append(await load(setting))
            }
        }
        inspections = renewed
        await seatAll()
        updateRules()
    }

    /// Makes the cameras that changed anew. All new ones exist before the first old one ends.
    private func exchangeCameras(_ difference: SettingDifference, _ new: LoadedSettings) async throws {
        let known = core.units
        let isSameSet = known.map(\.settings.id) == new.settings.camera.map(\.id)
        guard isSameSet else { throw ReloadError.otherCameras }
        var exchanged: [(position: Int, unit: CameraUnit)] = []
        for (position, settings) in new.settings.camera.enumerated()
        where difference.cameras.contains(settings.id) {
            exchanged.append((position, try cameras.unit(settings, images: new.settings.images)))
        }
        for (position, unit) in exchanged {
            let old = known[position]
            let wasArmed = old.gate.isArmed.load(ordering: .relaxed)
            core.arm(old, false)
            old.stop()
            // The supervisor looks only at the cameras that are there: what it has to know of this one comes first.
            for _ in 0..<500
            where old.gate.docket.count > 0 || old.notices.count > 0
                || old.gate.lost.load(ordering: .relaxed) > 0
            {
                try? await Task.sleep(for: .milliseconds(10))
            }
            unit.gate.triggerCount.store(old.gate.triggerCount.load(ordering: .relaxed), ordering: .relaxed)
            core.replace(unit)
            handLanes()
            await seat(unit)
            unit.gate.recipe.store(core.state.recipe, ordering: .relaxed)
            core.arm(unit, wasArmed || (core.state.isRunning && unit.settings.arm))
            do { try cameras.start(unit, position: position) } catch {
                say(.error, "capture", "Camera \(unit.title) cannot be opened: \(error)")
            }
        }
    }

    /// Tells every worker which cameras are its own.
    private func handLanes() {
        let units = core.units
        for (number, worker) in core.workers.enumerated() {
            let own = units.indices.filter { cameras.worker(of: $0) == number }.map { units[$0].lane }
            _ = worker.newLanes.collect()
            _ = worker.newLanes.put(own)
            worker.wakeUp.signal()
        }
    }

    private static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    }

    private static func line(of finding: Configuration.Finding) -> Int32 {
        guard case .file(let at) = finding.origin else { return 0 }
        return Int32(clamping: at.line)
    }
}

/// Why settings that are right cannot be put in force while the daemon runs.
private enum ReloadError: Error, CustomStringConvertible {
    case otherCameras

    var description: String {
        "Cameras were added, removed or reordered: that needs a restart. Run 'systemctl restart linewatchd'."
    }
}
