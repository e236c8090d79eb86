import AnomalyModels
import Capture
import Configuration
import EventStorage
import Events
import FoundationEssentials
import Inspection
import Logging
import ModelPackages
import Platform
import Sockets

extension InspectionControl {
    /// The packages that can be found, and which inspection uses what.
    func modelList() -> [JSONMember] {
        let models = packages().map { entry in
            JSONValue.object([
                JSONMember("name", .text(entry.package.manifest.name)),
                JSONMember("digest", .text(entry.package.digest.description)),
                JSONMember("architecture", .text(entry.package.manifest.architecture)),
                JSONMember("path", .text(entry.package.directory)),
            ])
        }
        let used = inspections.map { inspection in
            JSONValue.object([
                JSONMember("inspect", .text(inspection.settings.name)),
                JSONMember("model", .text(inspection.digest)),
                JSONMember(
                    "previous",
                    .text(Self.name(shelf.directory(of: inspection.settings.name, previous: true)))),
                JSONMember("shadow", .text(shadows[inspection.settings.name]?.digest ?? "")),
                JSONMember("probation_parts", .integer(Int64(probationLeft(inspection).parts))),
                JSONMember("probation_s", .integer(Int64(probationLeft(inspection).seconds))),
                JSONMember("level", .text("\(inspection.threshold?.level ?? CalibrationLevel.none)")),
                JSONMember("failure", .text(inspection.failure ?? "")),
            ])
        }
        return [JSONMember("models", .array(models)), JSONMember("inspections", .array(used))]
    }

    /// Parts and seconds until the probation of `inspection` is over; 0 where there is none.
    private func probationLeft(_ inspection: ActiveInspection) -> (parts: Int, seconds: Int) {
        guard let probation = probations[inspection.settings.name] else { return (0, 0) }
        let parts = settings.model.probationParts - (Int(core.tally.snapshot.all) - probation.parts)
        let passed = MonotonicClock.now - probation.since
        return (
            max(0, parts), max(0, (settings.model.probationMinimum.nanoseconds - passed) / 1_000_000_000)
        )
    }

    private static func name(_ directory: String?) -> String {
        directory?.split(separator: "/").last.map(String.init) ?? ""
    }

    private func packages() -> [(name: String, package: ModelPackage)] {
        building.locator.list().compactMap { entry in
            (try? ModelPackage(opening: entry.path, verifyingHashes: false)).map { (entry.name, $0) }
        }
    }

    /// The folder of the package that `model` means: a path, a name, or the beginning of a digest.
    private func directory(_ model: String) throws(Refusal) -> String {
        if model.contains("/") { return model }
        let found = packages().filter { entry in
            entry.name == model || entry.package.manifest.name == model
                || (model.count >= 6 && entry.package.digest.description.hasPrefix(model))
        }
        guard let first = found.first else {
            throw Refusal(
                .notFound, key: "model",
                message: "No package is called '\(model)': see 'linewatch model list'.")
        }
        let digests = Set(found.map(\.package.digest))
        guard digests.count == 1 else {
            throw Refusal(
                .badArgument, key: "model",
                message: "'\(model)' means \(digests.count) packages: say more digits.")
        }
        return first.package.directory
    }

    /// Checks hashes and shapes of a package, and that its trunk is there.
    func verify(_ model: String) throws(Refusal) -> [JSONMember] {
        let directory = try directory(model)
        do {
            let product = try building.product(in: directory)
            return [
                JSONMember("model", .text(product.digest)), JSONMember("ok", .integer(1)),
                JSONMember(
                    "detail", .text("every hash is right, and the trunk is '\(product.trunk.manifest.name)'")),
            ]
        } catch { throw Refusal(.modelInvalid, message: "\(error)") }
    }

    /// Puts a taught product into service: loaded, checked, calibrated and compiled first, then exchanged between
    /// two frames. On any failure what was in force stays.
    func activate(_ model: String, _ name: String?) async throws(Refusal) -> [JSONMember] {
        let directory = try directory(model)
        let product: ActiveInspection.Product
        do { product = try building.product(in: directory) } catch {
            throw Refusal(.modelInvalid, message: "\(error)")
        }
        let name = name ?? product.taught.name
        var changed = try inspection(name)
        guard let unit = core.unit(UInt8(clamping: changed.settings.camera)) else { throw Refusal(.noCamera) }
        guard product.taught.frame == unit.expected.size else {
            throw Refusal(
                .modelInvalid,
                message: "It was taught with frames of \(product.taught.frame); camera \(unit.title) gives "
                    + "\(unit.expected.size). Teach with this camera.")
        }
        changed.failure = nil
        let before = changed.product?.digest ?? ""
        changed.product = product
        do {
            changed.calibration = nil
            try await calibrate(&changed)
            let position = active.first { $0.inspection.settings.name == name }?.position ?? 0
            // Whatever cannot be compiled shows here, before anything was changed.
            _ = try building.inspector(
                [(position, changed)], camera: unit.settings, format: unit.expected.pixelFormat)
            try shelf.activate(directory, for: name)
        } catch { throw Refusal(.modelInvalid, message: "\(error)") }
        await putIntoService(changed, unit)
        beginProbation(name)
        core.raise(Event(.modelActivated, severity: .notice, camera: unit.id))
        warnOfWeakness(changed)
        warnOfSelfCheck(product, name)
        return members(changed, previous: before)
    }

    /// Returns to the product before the present one, with its own good parts.
    func rollBack(
        _ name: String, cause: Probation.Cause = .byHand
    ) async throws(Refusal) -> [JSONMember] {
        var changed = try inspection(name)
        guard let unit = core.unit(UInt8(clamping: changed.settings.camera)) else { throw Refusal(.noCamera) }
        guard let previous = shelf.directory(of: name, previous: true) else {
            throw Refusal(.notFound, message: "'\(name)' has no model before the present one.")
        }
        let before = changed.product?.digest ?? ""
        do {
            changed.product = try building.product(in: previous)
            (changed.calibration, changed.failure) = (nil, nil)
            try await calibrate(&changed)
            _ = try shelf.rollBack(name)
        } catch { throw Refusal(.modelInvalid, message: "\(error)") }
        await putIntoService(changed, unit)
        endProbation(name)
        core.raise(Event(.modelRolledBack, severity: .warning, camera: unit.id, a: cause.rawValue))
        return members(changed, previous: before)
    }

    private func putIntoService(_ inspection: ActiveInspection, _ unit: CameraUnit) async {
        replace(inspection)
        await seat(unit)
        updateRules()
    }

    private func members(_ inspection: ActiveInspection, previous: String) -> [JSONMember] {
        [
            JSONMember("inspect", .text(inspection.settings.name)),
            JSONMember("model", .text(inspection.product?.digest ?? "")),
            JSONMember("previous", .text(previous)),
            JSONMember("calib", .integer(Int64(inspection.calibration?.id ?? 0))),
            JSONMember("level", .text("\(inspection.threshold?.level ?? CalibrationLevel.none)")),
        ]
    }

    /// Says it where the teaching process was not content with what it made: it was weak, or somebody insisted.
    private func warnOfSelfCheck(_ product: ActiveInspection.Product, _ name: String) {
        let measured = product.package.manifest.accuracy
        if let overruled = measured[PartReview.manifestKey].flatMap({ Int(exactly: $0) }) {
            say(
                .warning, "model",
                "Inspection '\(name)': model \(product.digest.prefix(12)) was taught although "
                    + "\(overruled == 1 ? "something" : "\(overruled) things") spoke against its parts: somebody insisted."
            )
        }
        guard let grade = measured["self-check.grade"].flatMap({ SelfCheck.Grade(rawValue: Int($0)) }) else {
            return
        }
        let found = Int(((measured["self-check.found"] ?? 0) * 100).rounded())
        let model = "Inspection '\(name)': model \(product.digest.prefix(12))"
        switch grade {
        case .passed: return
        case .weak:
            say(
                .notice, "model",
                "\(model) is weak: \(found) % of the painted defects lie above its limit. More good parts find more."
            )
        case .failed:
            say(
                .warning, "model",
                "\(model) was forced: its self-check failed, \(found) % of the painted defects were found.")
        }
    }

    /// Event 1407 where the good parts do not support the rate that is asked for.
    func warnOfWeakness(_ inspection: ActiveInspection) {
        guard let level = inspection.threshold?.level, level != .calibrated else { return }
        let missing = max(0, inspection.claim.fewestParts - inspection.goodParts.sample.count)
        core.raise(
            Event(
                .calibrationWeak, severity: .notice, camera: UInt8(clamping: inspection.settings.camera),
                a: Int32(clamping: Int((inspection.claim.rate * 1e6).rounded())), b: Int32(clamping: missing))
        )
    }

    /// Lets a candidate judge beside the active product in spare time; an empty name ends that.
    func shadow(_ model: String, _ name: String?) async throws(Refusal) -> [JSONMember] {
        let name = name ?? inspections.first?.settings.name ?? ""
        var candidate = try inspection(name)
        guard let unit = core.unit(UInt8(clamping: candidate.settings.camera)) else {
            throw Refusal(.noCamera)
        }
        shadows.removeValue(forKey: name)?.finish()
        guard !model.isEmpty, model != "none" else {
            return [JSONMember("inspect", .text(name)), JSONMember("shadow", .text(""))]
        }
        do {
            candidate.product = try building.product(in: try directory(model))
            candidate.calibration = nil
            try await calibrate(&candidate)
            let made = try building.inspector(
                [(0, candidate)], camera: unit.settings, format: unit.expected.pixelFormat)
            shadows[name] = try ShadowJudge(
                digest: candidate.product?.digest ?? "", inspector: made.inspector, unit: unit, core: core,
                share: settings.model.shadowSample)
        } catch let refusal as Refusal { throw refusal } catch {
            throw Refusal(.modelInvalid, message: "\(error)")
        }
        return [
            JSONMember("inspect", .text(name)), JSONMember("shadow", .text(candidate.product?.digest ?? "")),
        ]
    }
}
