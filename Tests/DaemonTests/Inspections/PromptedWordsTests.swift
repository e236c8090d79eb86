import AnomalyModels
import Configuration
import Daemon
import Events
import Foundation
import Imaging
import Inference
import Inspection
import Kernels
import ModelPackages
import Testing

@Suite("an inspection by a head with prompts, installed as 'adaclip'")
struct PromptedWordsTests {
    private func building(_ models: String, _ state: borrowing StateFolder) -> InspectorBuilding {
        InspectorBuilding(
            shelf: ProductShelf(folder: state.path),
            locator: ModelLocator(searchPath: models + ":" + TaughtWeld.models, defaults: []),
            kernels: KernelTable(.best), pool: TensorPool())
    }

    /// The outcome of a grey frame of noise, judged by `zeroShot`.
    private func outcome(_ zeroShot: ActiveInspection.ZeroShot) throws -> Outcome {
        let size = Size(width: 128, height: 96)
        var plan = InspectionPlan(
            index: 0, name: "weld",
            regions: [TaughtRegion(rect: Region(all: size), tile: 0, overlap: 0, mask: nil)], taught: nil)
        plan.zeroShot = .init(
            head: zeroShot.head, columns: zeroShot.columns, trunk: zeroShot.trunk, model: zeroShot.model)
        var active = ActiveInspection(InspectionSettings())
        active.zeroShot = zeroShot
        let inspector = try FrameInspector(
            [plan], rules: [active.rule], format: .grey, size: size, kernels: KernelTable(.best),
            pool: TensorPool(), quality: .off)
        let pixels = (0..<size.pixelCount).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 9) }
        var outcome = Outcome()
        // The view is used while the pixels are there.
        try unsafe pixels.withUnsafeBytes { bytes in
            let view = try unsafe ImageView(
                unsafeBytes: bytes, format: .grey, size: size, bytesPerRow: size.width)
            inspector.inspect(view, validRows: size.height, into: &outcome)
        }
        return outcome
    }

    @Test("judges on an imported tower, whose own text tower reads the words; other words, other scores")
    func importedTower() throws {
        let state = try StateFolder(), models = try StateFolder()
        let tower = try PromptedModels.writeTower(to: models.path)
        try PromptedModels.writeHead(to: models.path, for: tower, text: tower)
        let building = building(models.path, state)
        var scores: [Float] = []
        for name in ["screw", "glass-fibre cloth"] {
            let words = try ClassWords(names: [name])
            guard
                case .read(let read) = try building.zeroShot(
                    of: InspectionSettings(), with: words, reading: true),
                case .read(let again) = try building.zeroShot(
                    of: InspectionSettings(), with: words, reading: false)
            else {
                Issue.record("the words are not read")
                return
            }
            #expect(read.columns == again.columns && read.columns.normal.count == 64)
            let outcome = try outcome(read)
            #expect(outcome.verdict == .ng || outcome.verdict == .unsure, "\(outcome.verdict)")
            #expect(outcome.model == read.model && outcome.model != 0)
            scores.append(outcome.rawScore)
        }
        #expect(scores[0] != scores[1])
    }

    @Test("judges on LiteVL, with words that MiniLM reads")
    func liteVL() throws {
        let state = try StateFolder(), models = try StateFolder()
        let open = { try ModelPackage(opening: TaughtWeld.models + "/" + $0, verifyingHashes: false) }
        try PromptedModels.writeHead(to: models.path, for: open("litevl"), text: open("minilm"))
        guard
            case .read(let read) = try building(models.path, state).zeroShot(
                of: InspectionSettings(), reading: true)
        else {
            Issue.record("the words are not read")
            return
        }
        #expect(try outcome(read).rawScore > 0)
    }

    @Test(
        "is refused if the tower is another one of the same name, with both digests and what judges without it"
    )
    func otherTower() throws {
        let state = try StateFolder(), models = try StateFolder()
        let tower = try PromptedModels.writeTower(to: models.path)
        try PromptedModels.writeHead(to: models.path, for: tower, text: tower)
        let digest = tower.digest.description.prefix(12)
        let other = try PromptedModels.writeTower(to: models.path, seed: 2)
        let error = #expect(throws: ModelError.self) {
            try building(models.path, state).zeroShot(of: InspectionSettings(), reading: true)
        }
        let message = error.map { "\($0)" } ?? ""
        #expect(
            message.contains(digest) && message.contains(other.digest.description.prefix(12)), "\(message)")
        #expect(message.contains("only taught parts are judged"), "\(message)")
    }
}
