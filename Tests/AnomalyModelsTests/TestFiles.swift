import Foundation

/// The files beside the tests: golden vectors, and published weights where a machine has them.
enum TestFiles {
    /// The path of a file in the folder Golden.
    static func golden(_ name: String) -> String {
        Bundle.module.resourceURL!.appending(path: "Golden/\(name)").path
    }

    /// The lines of a text file in the folder Golden.
    static func goldenLines(_ name: String) throws -> [String] {
        try String(contentsOfFile: golden(name), encoding: .utf8).split(separator: "\n").map(String.init)
    }

    /// The folder with the published weights and vocabularies: `weights` in the folder that LINEWATCH_SHARED
    /// names, or in `shared` beside the checkout. Nil if there is none.
    static let weights: String? = {
        let beside = URL(filePath: #filePath).appending(path: "../../../../shared").standardized.path
        let shared = ProcessInfo.processInfo.environment["LINEWATCH_SHARED"] ?? beside
        let weights = shared + "/weights"
        return FileManager.default.fileExists(atPath: weights) ? weights : nil
    }()

    static let hasWeights = weights != nil
    static let weightsMissing = "needs the published weights: set LINEWATCH_SHARED"

    static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: path)))
    }

    /// The bytes of a gzip file, by the system's gunzip.
    static func unpacked(_ path: String) throws -> [UInt8] {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["gunzip", "-c", path]
        process.standardOutput = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Array(data)
    }
}
