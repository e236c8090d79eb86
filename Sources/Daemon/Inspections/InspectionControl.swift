import AnomalyModels
import Capture
package import Configuration
package import EventStorage
import Events
import Imaging
import Inspection
import Logging
import ModelPackages
import Platform
package import Sockets
import Synchronization

/// What changes between frames: which inspections run, with which products and thresholds.
///
/// One change at a time; each is prepared here, as long as that takes, and then handed to the workers between two
/// frames. The line never waits for it.
package actor InspectionControl {
    let core: StationCore
    let building: InspectorBuilding
    private(set) var loaded: LoadedSettings
    var settings: Settings { loaded.settings }
    /// All inspections of the settings, in their order.
    var inspections: [ActiveInspection] = []
    /// The networks that are with the workers, by camera, and what they were compiled from.
    var seated: [UInt8: Seating.Made] = [:]
    /// New settings are being put in force.
    var isReloading = false
    var teachSets: [Int32: TeachSet] = [:]
    /// Candidates that judge beside what is in force, by inspection.
    var shadows: [String: ShadowJudge] = [:]
    /// Products that have yet to prove themselves, by inspection.
    var probations: [String: Probation] = [:]
    /// How likely the newest scores are those of the calibration, by inspection, where that was tested.
    var driftProbabilities: [String: Double] = [:]
    let images: ImageStore
    /// Makes and starts cameras anew.
    let cameras: CameraLine
    var lastTeachSet: Int32 = 0
    let types: TypeLedger
    /// The re-clustering that is being sent.
    var revision: Upload?

    package init(
        core: StationCore, building: InspectorBuilding, loaded: LoadedSettings, images: ImageStore,
        cameras: CameraLine, types: TypeLedger
    ) {
        self.types = types
        (self.core, self.building, self.loaded) = (core, building, loaded)
        (self.images, self.cameras) = (images, cameras)
    }

    var shelf: ProductShelf { building.shelf }

    // MARK: Recipes

    /// The recipes of the settings; without any, all inspections form recipe 1.
    var recipes: [RecipeSettings] { Self.recipes(of: settings) }

    static func recipes(of settings: Settings) -> [RecipeSettings] {
        guard settings.recipe.isEmpty else { return settings.recipe }
        var recipe = RecipeSettings()
        recipe.inspect = settings.inspect.map(\.name)
        return [recipe]
    }

    /// The inspections of the recipe in force, with their positions in it.
    var active: [(position: Int, inspection: ActiveInspection)] {
        Self.active(in: recipes, core.state.recipe, inspections)
    }

    /// The inspections of the recipe `number`, with their positions in it.
    static func active(
        in recipes: [RecipeSettings], _ number: UInt16, _ inspections: [ActiveInspection]
    ) -> [(position: Int, inspection: ActiveInspection)] {
        let names = recipes.first { $0.id == Int(number) }?.inspect ?? []
        return names.enumerated().compactMap { position, name in
            inspections.first { $0.settings.name == name }.map { (position, $0) }
        }
    }

    /// The recipe to begin with: the one that was chosen last, or the only one; nil where nothing is inspected.
    static func recipe(of settings: Settings, chosen: UInt16?) -> UInt16? {
        let known = recipes(of: settings)
        guard !settings.inspect.isEmpty else { return nil }
        let found = known.first { $0.id == chosen.map(Int.init) } ?? (known.count == 1 ? known.first : nil)
        return found.map { UInt16(clamping: $0.id) }
    }

    /// Loads everything, chooses the recipe that was chosen last or is the only one, and begins.
    ///
    /// - Parameter isAfterCrash: the run before did not end in order.
    package func begin(isAfterCrash: Bool) async {
        inspections = []
        for setting in settings.inspect { inspections.append(await load(setting, readingWords: false)) }
        defer { readWords() }
        if isAfterCrash { await returnAfterCrash() }
        guard let recipe = Self.recipe(of: settings, chosen: shelf.recipe) else {
            core.update { ($0.phase, $0.isSafeMode, $0.recipe) = (.withoutRecipe, false, 0) }
            return
        }
        await run(recipe)
    }

    /// Makes `recipe` the one in force: loads and warms first, then exchanges between two frames.
    func run(_ recipe: UInt16) async {
        core.update { $0.recipe = recipe }
        await seatAll()
        updateChecksum()
        core.run(recipe: recipe)
    }

    package func useRecipe(_ number: UInt16) async throws(Refusal) {
        guard recipes.contains(where: { $0.id == Int(number) }) else { throw Refusal(.recipeUnknown) }
        let old = core.state.recipe
        do { try shelf.set(recipe: number) } catch { throw Refusal(.storageError, message: "\(error)") }
        await run(number)
        core.raise(Event(.recipeChanged, severity: .notice, a: Int32(old), b: Int32(number)))
    }

    // MARK: Loading

    /// The inspection with what it was taught. What cannot be loaded is said once and leaves it untaught.
    ///
    /// - Parameter readingWords: words that nobody has read yet are read, which takes a second or more.
    func load(_ setting: InspectionSettings, readingWords: Bool) async -> ActiveInspection {
        var inspection = ActiveInspection(setting)
        inspection.chosen = shelf.threshold(of: setting.name)
        guard let directory = shelf.directory(of: setting.name) else {
            await loadZeroShot(&inspection, readingWords: readingWords)
            return inspection
        }
        do {
            inspection.product = try building.product(in: directory)
            try await calibrate(&inspection)
        } catch {
            inspection.product = nil
            inspection.failure = "\(error)"
            say(.error, "model", "Inspection '\(setting.name)' judges nothing: \(error)")
        }
        return inspection
    }

    /// The newest calibration of the product in the log, or one made of what teaching has measured.
    func calibrate(_ inspection: inout ActiveInspection) async throws {
        guard let product = inspection.product else { return }
        if let known = try core.log.reader.calibration(
            inspect: inspection.settings.name, model: product.digest)
        {
            inspection.calibration = known
            return
        }
        let now = WallClock.now
        let parts = product.taught.ownScores.map {
            StoredCalibration.Part(score: $0, timeMilliseconds: now, isReference: true)
        }
        inspection.calibration = try await store(
            inspection, parts: parts, leaveOneOutScores: product.taught.leaveOneOutScores)
    }

    /// Keeps a new calibration of `inspection` and returns it with its number.
    func store(
        _ inspection: ActiveInspection, parts: [StoredCalibration.Part], leaveOneOutScores: [Float]
    ) async throws -> StoredCalibration? {
        guard let made = inspection.calibration(parts: parts, leaveOneOutScores: leaveOneOutScores) else {
            return nil
        }
        return try await store(made)
    }

    /// Keeps `calibration` and returns it with its number.
    func store(_ calibration: StoredCalibration) async throws(EventLogError) -> StoredCalibration {
        let log = core.log
        let answer = await withCheckedContinuation { continuation in
            log.add(calibration) { continuation.resume(returning: $0) }
        }
        var stored = calibration
        stored.id = try answer.get()
        return stored
    }

    // MARK: Handing over

    /// Hands new thresholds to the networks that are there.
    func updateRules() {
        for unit in core.units {
            guard let inspector = seated[unit.id]?.inspector else { continue }
            let rules = active.filter { $0.inspection.settings.camera == unit.settings.id }
                .map(\.inspection.rule)
            _ = inspector.newRules.collect()
            _ = inspector.newRules.put(rules)
        }
        updateChecksum()
        updateAlarm()
    }

    /// Alarm bit 6 as long as an inspection in force is not calibrated.
    func updateAlarm() {
        let isWeak = active.contains { $0.inspection.threshold?.level != .calibrated }
        core.update { model in
            if isWeak { model.present.insert(.uncalibrated) } else { model.present.remove(.uncalibrated) }
        }
    }

    func updateChecksum() {
        let products = active.map(\.inspection.digest).filter { !$0.isEmpty }
        let calibrations = active.compactMap { $0.inspection.calibration.map { Int($0.id) } }
        let cfg = loaded.cfg(models: products, calibrations: calibrations)
        core.update { $0.config = cfg }
    }

    /// Replaces the inspection of the same name.
    func replace(_ inspection: ActiveInspection) {
        guard let index = inspections.firstIndex(where: { $0.settings.name == inspection.settings.name })
        else {
            return
        }
        inspections[index] = inspection
    }

    func inspection(_ name: String) throws(Refusal) -> ActiveInspection {
        guard let found = inspections.first(where: { $0.settings.name == name }) else {
            let known = inspections.map(\.settings.name).joined(separator: ", ")
            throw Refusal(.notFound, key: "inspect", message: "There is no inspection '\(name)': \(known).")
        }
        return found
    }

    func use(_ loaded: LoadedSettings) {
        self.loaded = loaded
        types.know(loaded.settings.inspect.map(\.name))
    }

    func say(_ level: DaemonLog.Level, _ subsystem: String, _ message: String) {
        core.journal.say(level, subsystem, message)
    }
}
