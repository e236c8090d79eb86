import ArgumentParser
import Foundation
import Testing
import linewatch

@Suite("linewatch train adaclip")
struct TrainAdaCLIPTests {
    private static let recipe = """
        name = "adaclip"
        version = "1.0.0"
        seed = 1
        trunk = "efficientnet-lite0"
        text = "minilm"
        pictures = 64
        products = 1
        include = []
        included = 0
        nouns = {}
        side = 256
        hidden = 64
        epochs = 1
        batch = 16
        rate = 0.002
        decay = 0.01
        mapWeight = 0.02
        imageWeight = 0.02
        """

    @Test(
        "says which setting of a recipe is wrong, and how",
        arguments: [
            ("hidden = 64", "hidden = 60", "hidden = 60 is not 16 to 1024"),
            ("side = 256", "side = 250", "side = 250 is not 64 to 1024"),
            ("include = []", "include = [\"rsdd\"]", "do not go together"),
            ("seed = 1", "", "'seed' is missing"), ("epochs = 1", "epochs = \"many\"", "'epochs'"),
            ("batch = 16", "batch = 16\nbatches = 2", "batches"), ("seed = 1", "seed = ", "line"),
        ])
    func faults(setting: String, replacement: String, expected: String) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "recipe-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "recipe.toml")
        let text = Self.recipe.replacing(setting + "\n", with: replacement + "\n")
        try Data(text.utf8).write(to: file)
        let error = #expect(throws: (any Error).self) { try TrainAdaCLIP.check(recipe: file.path) }
        let words = error.map { TrainAdaCLIP.message(for: $0) } ?? ""
        #expect(words.contains(expected) && words.contains("recipe.toml"), "\(words)")
    }

    @Test("takes the recipe that the shipped head is made with")
    func shipped() throws {
        let models = URL(filePath: #filePath).appending(path: "../../../Models").standardized.path
        try TrainAdaCLIP.check(recipe: models + "/adaclip/recipe.toml")
        try TrainAdaCLIP.check(recipe: models + "/adaclip/prompted.toml")
    }

    @Test(
        "says which setting of a recipe with prompts is wrong, and how",
        arguments: [
            ("tier = \"prompted\"", "tier = \"patches\"", "tier"),
            ("prompts = \"dynamic\"", "prompts = \"many\"", "prompts"),
            ("fusion = \"clusters\"", "fusion = \"k-means\"", "fusion"),
            ("batch = 16", "batch = 0", "batch = 0 is not 1 to 256"),
            ("tower = \"litevl\"", "", "'tower' is missing"), ("side = 256", "side = 250", "side = 250"),
        ])
    func promptedFaults(setting: String, replacement: String, expected: String) throws {
        let models = URL(filePath: #filePath).appending(path: "../../../Models").standardized.path
        let text = try String(contentsOfFile: models + "/adaclip/prompted.toml", encoding: .utf8)
        let file = FileManager.default.temporaryDirectory.appending(path: "recipe-\(UUID()).toml")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(text.replacing(setting + "\n", with: replacement + "\n").utf8).write(to: file)
        let error = #expect(throws: (any Error).self) { try TrainAdaCLIP.check(recipe: file.path) }
        let words = error.map { TrainAdaCLIP.message(for: $0) } ?? ""
        #expect(words.contains(expected), "\(words)")
    }
}
