import Configuration
import Foundation

/// Texts that the tests read.
enum TestTexts {
    /// The least that is accepted.
    static let least = """
        [station]
        id = "ST10"
        [[camera]]
        id = 1
        source = "simulated"
        [[inspect]]
        name = "weld"
        camera = 1

        """

    /// The path of a file in the folder Golden.
    static func golden(_ name: String) -> String {
        Bundle.module.resourceURL!.appending(path: "Golden/\(name)").path
    }

    /// OPERATIONS.md of the design, or nil: in `design` of the folder that LINEWATCH_SHARED names, or of
    /// `shared` beside the checkout.
    static let operations: String? = {
        let beside = URL(filePath: #filePath).appending(path: "../../../../shared").standardized.path
        let shared = ProcessInfo.processInfo.environment["LINEWATCH_SHARED"] ?? beside
        return try? String(contentsOfFile: shared + "/design/OPERATIONS.md", encoding: .utf8)
    }()

    static let operationsMissing = "needs the design pages: set LINEWATCH_SHARED"

    /// The settings file in OPERATIONS.md.
    static let operationsFile: String = {
        let blocks = (operations ?? "").components(separatedBy: "```toml\n").dropFirst()
        return blocks.first?.components(separatedBy: "```").first ?? ""
    }()
}

extension LoadedSettings {
    /// Loads one text called `main.toml`.
    static func of(_ text: String, environment: [String: String] = [:]) -> LoadedSettings {
        Settings.load([SettingsText(path: "main.toml", text: text)], environment: environment)
    }

    /// The findings as lines.
    var lines: [String] { findings.map(\.description) }
}
