import ArgumentParser
import Foundation
import Testing
import linewatch

/// What `linewatch train MODEL` says before it begins.
@Suite("recipes of linewatch train")
struct TrainRecipeTests {
    private static func shipped(_ path: String) -> String {
        URL(filePath: #filePath).appending(path: "../../../Models/\(path)").standardized.path
    }

    private typealias Check = @Sendable (String) throws -> Void
    private static let checks: [String: Check] = [
        "litevl/recipe.toml": { try TrainLiteVL.check(recipe: $0) },
        "litevl/baseline.toml": { try TrainBaseline.check(recipe: $0) },
        "adaclip/recipe.toml": { try TrainAdaCLIP.check(recipe: $0) },
        "vtfusion/recipe.toml": { try TrainVTFusion.check(recipe: $0) },
        "fine/recipe.toml": { try TrainFine.check(recipe: $0) },
        "fine/research.toml": { try TrainFine.check(recipe: $0) },
    ]

    @Test("every recipe that ships is taken", arguments: checks.keys.sorted())
    func shipping(path: String) throws {
        let check = try #require(Self.checks[path])
        try check(Self.shipped(path))
    }

    @Test(
        "a setting that cannot be trained with is named, with what is allowed",
        arguments: [
            ("litevl/baseline.toml", "ridge = 1.0", "ridge = 0.0", "ridge = 0.0 is not"),
            ("fine/recipe.toml", "products = 2", "products = 0", "products = 0 is not 1 to 100"),
            ("fine/recipe.toml", "width = 64", "width = 129", "width = 129 is not 1 to 128"),
            (
                "fine/recipe.toml", "similarity = 0.4", "similarity = 0.1",
                "similarity = 0.1 is not 0.3 to 0.9"
            ),
            (
                "fine/research.toml", "includedShare = 0.5", "includedShare = 1.5",
                "includedShare = 1.5 is not 0 to 1"
            ),
            ("fine/recipe.toml", "temperature = 0.2", "", "'temperature' is missing"),
            (
                "vtfusion/recipe.toml", "side = 256", "side = 250",
                "side = 250 is not 64 to 512 in steps of 32"
            ),
        ])
    func faults(recipe: String, setting: String, replacement: String, expected: String) throws {
        let text = try String(contentsOfFile: Self.shipped(recipe), encoding: .utf8)
        let changed = text.replacing(setting, with: replacement)
        #expect(changed != text)
        let file = FileManager.default.temporaryDirectory.appending(path: "recipe-\(UUID()).toml")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(changed.utf8).write(to: file)
        let check = try #require(Self.checks[recipe])
        let error = #expect(throws: (any Error).self) { try check(file.path) }
        let words = error.map { Linewatch.message(for: $0) } ?? ""
        #expect(words.contains(expected) && words.contains(file.lastPathComponent), "\(words)")
    }

    @Test(
        "options are the same for every model",
        arguments: ["litevl", "baseline", "adaclip", "vtfusion", "fine"])
    func options(model: String) throws {
        let own = ["litevl", "baseline"].contains(model) ? ["--names", "names.txt"] : []
        let words = ["train", model, "--config", "r.toml", "-o", "out", "--work", "w", "--threads"]
        #expect(throws: Never.self) { try Linewatch.parseAsRoot(words + ["3"] + own) }
        #expect(throws: (any Error).self) { try Linewatch.parseAsRoot(words + ["65"] + own) }
        #expect(throws: (any Error).self) { try Linewatch.parseAsRoot(["train", model, "-o", "out"] + own) }
    }

    @Test("data sets from outside come with what they show")
    func including() {
        let words = [
            "train", "litevl", "--config", "r.toml", "-o", "out", "--names", "n.txt", "--include", "DIR",
        ]
        #expect(throws: (any Error).self) { try Linewatch.parseAsRoot(words) }
        #expect(throws: Never.self) { try Linewatch.parseAsRoot(words + ["--surfaces", "s.toml"]) }
        let fine = ["train", "fine", "--config", "r.toml", "-o", "out", "--set", "a,b"]
        #expect(throws: (any Error).self) { try Linewatch.parseAsRoot(fine) }
        #expect(throws: Never.self) { try Linewatch.parseAsRoot(fine + ["--include", "DIR"]) }
    }
}
