import Capture
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
        guard !isReloading, core.state.phase != .starting else {
            throw Refusal(.busy, retry: 1_000, message: "Settings are being put in force. Try again.")
        }
        isReloading = true
        defer { isReloading = false }
        let main = loaded.files.first ?? ""
        let new = Settings.load(
            main: main, confd: Self.folder(of: main) + "conf.d",
            environment: ProcessInfo.processInfo.environment)
        for finding in new.findings {
            say(finding.severity == .error ? .error : .warning, "config", "\(finding)")
        }
        if let first = new.errors.first { throw reject("\(first)", line: Self.line(of: first)) }
        let difference = SettingDifference(from: loaded, to: new)
        let old = core.state.config
        let prepared: Preparation
        do { prepared = try await prepare(new, difference) } catch { throw reject("\(error)", line: 0) }
        await putInForce(prepared)
        core.raise(Event(.configChanged, severity: .notice, a: Int32(old), b: Int32(core.state.config)))
        let waiting = difference.changes.filter { $0.scope == .restart }.map { JSONValue.text($0.path) }
        if !waiting.isEmpty {
            say(.notice, "config", "Some changes need a restart: systemctl restart linewatchd")
        }
        return [
            JSONMember("cfg", .integer(Int64(core.state.config))), JSONMember("restart", .array(waiting)),
        ]
    }

    private func reject(_ message: String, line: Int32) -> Refusal {
        core.raise(Event(.configRejected, severity: .error, a: line))
        core.update { $0.present.insert(.configRejected) }
        return Refusal(.configInvalid, message: message)
    }

    private static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    }

    private static func line(of finding: Configuration.Finding) -> Int32 {
        guard case .file(let at) = finding.origin else { return 0 }
        return Int32(clamping: at.line)
    }

    // MARK: Preparing

    /// New settings with everything that they need, made before anything that runs is touched.
    private struct Preparation {
        let loaded: LoadedSettings
        let inspections: [ActiveInspection]
        /// The recipe that is then in force; nil: none.
        let recipe: UInt16?
        /// All cameras of the settings, in their order; those that stay are the ones that are there.
        let units: [CameraUnit]
        /// Networks, by camera, where other ones are needed.
        let seats: [UInt8: Seating.Made]
    }

    /// Throws what keeps `new` from being put in force: no memory, or something taught that does not fit.
    private func prepare(
        _ new: LoadedSettings, _ difference: SettingDifference
    ) async throws -> Preparation {
        // In safe mode nothing has been loaded yet, and is not now: it may be what the daemon fell over.
        let renewed = core.state.isSafeMode ? [] : await renewed(new.settings.inspect)
        let known = core.units
        var units: [CameraUnit] = []
        for settings in new.settings.camera {
            let same = known.first { $0.id == settings.id }
            if let same, !difference.cameras.contains(settings.id) {
                units.append(same)
            } else {
                let worker = same?.worker ?? cameras.worker(beside: units)
                units.append(try cameras.unit(settings, worker: worker, images: new.settings.images))
            }
        }
        let recipe = recipe(in: new.settings)
        let active = Self.active(in: Self.recipes(of: new.settings), recipe ?? 0, renewed)
        var seats: [UInt8: Seating.Made] = [:]
        for (unit, settings) in zip(units, new.settings.camera) {
            let own = active.filter { $0.inspection.settings.camera == settings.id }
            let seating = Seating(own, settings, unit.expected.pixelFormat)
            let isThere = known.contains { $0 === unit }
            if isThere, seated[unit.id]?.seating == seating { continue }
            seats[unit.id] = try make(own, seating, settings, unit.expected.pixelFormat)
        }
        return Preparation(
            loaded: new, inspections: renewed, recipe: recipe, units: units, seats: seats)
    }

    /// The inspections of `settings`: known ones with what they know, new ones loaded.
    private func renewed(_ settings: [InspectionSettings]) async -> [ActiveInspection] {
        var renewed: [ActiveInspection] = []
        for setting in settings {
            guard let old = inspections.first(where: { $0.settings.name == setting.name }) else {
                renewed.append(await load(setting, readingWords: true))
                continue
            }
            var known = ActiveInspection(setting, as: old)
            if !old.settings.hasSameWords(as: setting), known.product == nil {
                await loadZeroShot(&known, readingWords: true)
            }
            renewed.append(known)
        }
        return renewed
    }

    /// The recipe in force if `new` still has it, else the one that a start would begin with.
    private func recipe(in new: Settings) -> UInt16? {
        let present = core.state.recipe
        return Self.recipe(of: new, chosen: present != 0 ? present : shelf.recipe)
    }

    // MARK: Putting in force

    private func putInForce(_ prepared: Preparation) async {
        let new = prepared.loaded.settings
        use(prepared.loaded)
        for name in inspections.map(\.settings.name) where !new.inspect.contains(where: { $0.name == name }) {
            shadows.removeValue(forKey: name)?.finish()
            if probations[name] != nil { endProbation(name) }
        }
        inspections = prepared.inspections
        core.update { $0.present.remove(.configRejected) }
        core.journal.set(level: new.log.level.rawValue)
        let arrived = await exchangeCameras(prepared.units, seats: prepared.seats)
        for unit in core.units {
            if let settings = new.camera.first(where: { $0.id == Int(unit.id) }) { unit.settings = settings }
            unit.lane.keep(new.images)
        }
        change(to: prepared.recipe)
        for unit in core.units where !arrived.contains(unit.id) {
            if let seat = prepared.seats[unit.id] { await hand(seat, to: unit) }
        }
        // Somebody may have activated a model meanwhile.
        await seatAll()
        updateRules()
    }

    /// Begins with a recipe where there was none, or ends where none is left.
    private func change(to recipe: UInt16?) {
        let model = core.state
        guard [.ready, .withoutRecipe].contains(model.phase), model.recipe != recipe ?? 0 else { return }
        if let recipe {
            core.run(recipe: recipe)
        } else {
            for unit in core.units { core.arm(unit, false) }
            core.update { ($0.phase, $0.recipe) = (.withoutRecipe, 0) }
        }
        core.raise(
            Event(.recipeChanged, severity: .notice, a: Int32(model.recipe), b: Int32(recipe ?? 0)))
    }
}
