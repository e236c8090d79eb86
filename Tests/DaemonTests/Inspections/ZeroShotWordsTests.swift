import AnomalyModels
import Configuration
import Daemon
import Foundation
import Inference
import Kernels
import ModelPackages
import Testing

@Suite("what judges an inspection from its words alone")
struct ZeroShotWordsTests {
    /// Builds from the packages in `models`, with what is kept in `state`.
    private func building(_ models: String, _ state: borrowing StateFolder) -> InspectorBuilding {
        InspectorBuilding(
            shelf: ProductShelf(folder: state.path), locator: ModelLocator(searchPath: models, defaults: []),
            kernels: KernelTable(.best), pool: TensorPool())
    }

    @Test("is refused if the head was made for another network, with both and what judges without it")
    func otherTower() throws {
        let state = try StateFolder(), models = try StateFolder()
        let files = FileManager.default
        for name in try files.contentsOfDirectory(atPath: TaughtWeld.models) where name != "adaclip" {
            try files.createSymbolicLink(
                atPath: models.path + "/" + name, withDestinationPath: TaughtWeld.models + "/" + name)
        }
        let head = models.path + "/adaclip"
        try files.copyItem(atPath: TaughtWeld.models + "/adaclip", toPath: head)
        let manifest = head + "/manifest.json"
        let text = try String(contentsOfFile: manifest, encoding: .utf8)
        let digest = try TaughtWeld.trunk().digest.description
        try text.replacing(digest, with: String(repeating: "0", count: 64))
            .write(toFile: manifest, atomically: true, encoding: .utf8)
        let error = #expect(throws: ModelError.self) {
            try building(models.path, state).zeroShot(of: InspectionSettings(), reading: false)
        }
        let message = error.map { "\($0)" } ?? ""
        #expect(message.contains(digest.prefix(12)) && message.contains("000000000000"), "\(message)")
        #expect(message.contains("only taught parts are judged"), "\(message)")
    }

    @Test("reads several names of a region once, and finds them read the next time")
    func severalNames() throws {
        let state = try StateFolder()
        let building = building(TaughtWeld.models, state)
        var settings = InspectionSettings()
        settings.className = ["screw", "nut"]
        guard case .unread = try building.zeroShot(of: settings, reading: false) else {
            Issue.record("nobody has read the words yet")
            return
        }
        guard case .read(let first) = try building.zeroShot(of: settings, reading: true),
            case .read(let second) = try building.zeroShot(of: settings, reading: false)
        else {
            Issue.record("the words are not read")
            return
        }
        #expect(first.words.names == ["screw", "nut"])
        #expect(first.columns == second.columns)
    }

    @Test(
        "is refused if the network knows no sign of a word, which is named", arguments: ["\u{1F529}", "螺母"])
    func unknownSigns(name: String) throws {
        let state = try StateFolder()
        var settings = InspectionSettings()
        settings.className = ["screw", name]
        let error = #expect(throws: ModelError.self) {
            try building(TaughtWeld.models, state).zeroShot(of: settings, reading: true)
        }
        let message = error.map { "\($0)" } ?? ""
        #expect(message.contains("'\(name)'") && message.contains("knows none of its signs"), "\(message)")
    }

    @Test(
        "takes names that nobody can pronounce, and those of other scripts that the network spells",
        arguments: ["xqzt brrk", "деталь", "صامولة"])
    func spelled(name: String) throws {
        let state = try StateFolder()
        let building = building(TaughtWeld.models, state)
        let words = try ClassWords(names: [name])
        guard
            case .read(let read) = try building.zeroShot(of: InspectionSettings(), with: words, reading: true)
        else {
            Issue.record("the words are not read")
            return
        }
        #expect(read.words == words && read.columns.normal.allSatisfy(\.isFinite))
    }
}
