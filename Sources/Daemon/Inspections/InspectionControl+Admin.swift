import Configuration
import EventStorage
import Events
import FoundationEssentials
import Imaging
import Logging
import ModelPackages
import Platform
import Sockets

extension InspectionControl {
    /// Carries out an operation of role admin that is about settings, models, thresholds, teaching or pictures.
    func administer(_ request: AdminRequest, _ desk: AdminDesk) async throws(Refusal) -> AdminReply {
        switch request {
        case .configShow, .configCheck, .configReload: try await configuration(request)
        case .teachStart, .teachAdd, .teachStatus, .teachCommit, .teachAbort: try await teaching(request)
        case .thresholdShow(let inspect): .ok(thresholdMembers(try inspection(inspect)))
        case .thresholdExplain(let inspect): .ok(explanation(of: try inspection(inspect)))
        case .thresholdSet(let inspect, let threshold): .ok(try await setThreshold(inspect, threshold))
        case .classSet(let inspect, let words): .ok(try await setWords(inspect, words))
        case .modelList: .ok(modelList())
        case .modelVerify(let model, _): .ok(try verify(model))
        case .modelActivate(let model, let inspect): .ok(try await activate(model, inspect))
        case .modelRollback(let inspect): .ok(try await rollBack(inspect))
        case .modelShadow(let model, let inspect): .ok(try await shadow(model, inspect))
        case .typeList, .typeShow, .typeName, .typeMerge, .typeSplit, .typeForget, .typeApplyPiece,
            .typeApplyProposal:
            .ok(try await administerTypes(request))
        case .imageGet(let image): .blob(try picture(image))
        case .storeStat: .ok(storeMembers())
        case .metrics: .blob(Array(exposition.text.utf8))
        case .logLevel(let level): logLevel(level)
        default:
            throw Refusal(
                .unknownOperation,
                message: "This version answers no such question.")
        }
    }

    private func logLevel(_ level: String) -> AdminReply {
        core.journal.set(level: level)
        return .ok()
    }

    // MARK: Settings

    private func configuration(_ request: AdminRequest) async throws(Refusal) -> AdminReply {
        switch request {
        case .configCheck(let toml):
            let found = Settings.load([SettingsText(path: "toml", text: toml)], environment: [:])
            return .ok([JSONMember("findings", .array(found.findings.map(Self.member)))])
        case .configReload: return .ok(try await reload())
        default:
            return .ok([
                JSONMember("cfg", .integer(Int64(core.state.config))),
                JSONMember("files", .array(loaded.files.map { .text($0) })),
                JSONMember("text", .text(loaded.canonicalJSON)),
            ])
        }
    }

    private static func member(_ finding: Configuration.Finding) -> JSONValue {
        var members = [
            JSONMember("severity", .text(finding.severity.rawValue)),
            JSONMember("message", .text("\(finding)")),
        ]
        if case .file(let at) = finding.origin {
            members += [
                JSONMember("line", .integer(Int64(at.line))),
                JSONMember("column", .integer(Int64(at.column))),
            ]
        }
        return .object(members)
    }

    // MARK: Pictures and store

    /// The stored picture; of a result the one with its heat-map, and from memory where none is stored.
    private func picture(_ image: AdminRequest.StoredImage) throws(Refusal) -> [UInt8] {
        do {
            switch image {
            case .image(let id):
                if let file = try images.file(id: id) { return try file.bytes() }
            case .seq(let seq):
                if let file = try images.file(seq: seq, kind: .map) ?? images.file(seq: seq, kind: .frame) {
                    return try file.bytes()
                }
                if let bytes = try remembered(seq) { return bytes }
            }
        } catch let refusal as Refusal { throw refusal } catch {
            throw Refusal(.storageError, message: "\(error)")
        }
        throw Refusal(
            .notFound, message: "No picture is kept of it: see 'keep' in [images], or ask for a newer one.")
    }

    /// The picture of the result `seq` from the newest frames in memory, with its heat-map if it has one.
    private func remembered(_ seq: UInt64) throws -> [UInt8]? {
        let result = try result(seq)
        guard let unit = core.unit(result.camera), let frame = unit.lane.memory.hold(job: result.job)
        else { return nil }
        let picture = try FramePicture(frame, kernels: building.kernels)
        return try picture.heated()?.encodedAsPNG() ?? picture.png()
    }

    private func storeMembers() -> [JSONMember] {
        let status = core.log.status
        return [
            JSONMember("records", .integer(Int64(status.count))),
            JSONMember("first", .integer(Int64(clamping: status.first))),
            JSONMember("last", .integer(Int64(clamping: status.last))),
            JSONMember("bytes", .integer(Int64(ProcessFigures.size(of: core.log.folder + "/events.db")))),
            JSONMember("free_bytes", .integer(Int64(ProcessFigures.freeBytes(core.log.folder)))),
            JSONMember("fsync_p50_us", .integer(Int64(core.publisher.commits.quantile(0.5)))),
            JSONMember("fsync_p99_us", .integer(Int64(core.publisher.commits.quantile(0.99)))),
            JSONMember("images_bytes", .integer(Int64(images.byteCount))),
            JSONMember("pending", .integer(Int64(status.pending))),
            JSONMember("lost", .integer(Int64(status.lost))),
            JSONMember("condition", .text("\(status.condition)")),
        ]
    }
}

extension InspectionControl {
    /// The metrics of now. Blocks for the log.
    var exposition: Exposition {
        var figures = Exposition.Figures()
        figures.imageBytes = images.byteCount
        figures.driftProbabilities = driftProbabilities
        for (name, shadow) in shadows {
            let report = try? core.log.reader.shadowReport(model: shadow.digest)
            figures.disagreements[name] = report?.disagreements
        }
        return Exposition(core, inspections: inspections, figures)
    }

    /// Replaces the file for the node exporter; what keeps it from being written is said once a minute at most.
    func writeMetrics(to path: String) {
        do {
            try writeAtomically(path, Array(exposition.text.utf8))
        } catch { say(.warning, "super", "The metrics cannot be written: \(error)") }
    }

    func endShadows() {
        for shadow in shadows.values { shadow.finish() }
        shadows = [:]
    }
}
