import FoundationEssentials
import Testing
import linewatch

/// What `linewatch doctor` says of the models it finds.
struct ModelCheckTests {
    @Test("a machine without models is warned of, with the folders that were searched")
    func noModels() throws {
        let machine = try PretendMachine([:], environment: ["LINEWATCH_STATE_DIR": "/nowhere/linewatch"])
        let found = machine.result(of: CheckReport.models)
        #expect(found.status == .warn)
        #expect(found.detail == "none in /nowhere/linewatch/models, /usr/share/linewatch/models.")
    }

    @Test("a broken model fails, by its name")
    func brokenModel() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "linewatch-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let model = folder.appending(path: "crooked")
        try FileManager.default.createDirectory(at: model, withIntermediateDirectories: true)
        try Data("{".utf8).write(to: model.appending(path: "manifest.json"))

        let machine = try PretendMachine([:], environment: ["LINEWATCH_MODELS": folder.path])
        let found = machine.result(of: CheckReport.models)
        #expect(found.status == .fail)
        #expect(found.detail.hasPrefix("'crooked' is broken: "))
    }
}
