import ArgumentParser
import Foundation
import Testing
import linewatch

@Suite("linewatch train litevl")
struct TrainLiteVLTests {
    @Test(
        "says which setting of a recipe is wrong, and how",
        arguments: [
            ("width", "100", "width = 100 is not 64 to 1024"), ("layers", "99", "layers = 99 is not 0 to 24"),
            ("side", "250", "side = 250 is not 64 to 1024"), ("batch", "1", "batch = 1 is not 2 to 1024"),
            ("align", "-1.0", "align = -1.0 is not 0 to 10"), ("epochs", "\"many\"", "'epochs'"),
        ])
    func faults(setting: String, value: String, expected: String) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "recipe-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "recipe.toml")
        let lines = try String(contentsOfFile: Self.shipped, encoding: .utf8).split(separator: "\n")
        let text = lines.map { $0.hasPrefix("\(setting) = ") ? "\(setting) = \(value)" : String($0) }
        try Data(text.joined(separator: "\n").utf8).write(to: file)
        let error = #expect(throws: (any Error).self) { try TrainLiteVL.check(recipe: file.path) }
        let words = error.map { TrainLiteVL.message(for: $0) } ?? ""
        #expect(words.contains(expected) && words.contains("recipe.toml"), "\(words)")
    }

    @Test("takes the recipe that the shipped backbone is made with")
    func shippedRecipe() throws { try TrainLiteVL.check(recipe: Self.shipped) }

    private static let shipped = URL(filePath: #filePath)
        .appending(path: "../../../Models/litevl/recipe.toml").standardized.path
}
