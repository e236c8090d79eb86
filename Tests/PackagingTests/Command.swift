import Foundation

/// A program that a test runs, with everything it printed.
struct Command {
    let status: Int32
    let output: String

    /// The root of this package.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Runs `program`, by name or path, to the end; nil if it is not installed.
    init?(_ program: String, _ arguments: String..., environment: [String: String] = [:]) throws {
        guard Self.isInstalled(program) else { return nil }
        try self.init(program, arguments: arguments, environment: environment)
    }

    /// The same with its arguments in a list. Throws if it cannot be started.
    init(_ program: String, arguments: [String], environment: [String: String] = [:]) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, own in own }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        status = process.terminationStatus
    }

    /// Whether `program`, a name or a path, can be run.
    static func isInstalled(_ program: String) -> Bool {
        if program.contains("/") { return FileManager.default.isExecutableFile(atPath: program) }
        let folders = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return folders.split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
        }
    }
}
