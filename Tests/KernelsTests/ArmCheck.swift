import Foundation

/// What the check in `Arm/` found on this architecture and, under qemu, on aarch64.
///
/// The kernels are compiled anew from their sources: the package itself is built for one architecture only.
struct ArmCheck: Sendable {
    let native: Findings
    let arm: Findings
    /// The best instruction set by model of an emulated CPU.
    let best: [String: String]

    /// The models whose best instruction set is asked for.
    static let models = ["max", "neoverse-n1", "cortex-a76", "cortex-a72"]

    /// Made once, by the first test that asks. Takes about 15 s of one core.
    static let shared = Result { try ArmCheck() }

    private init() throws {
        let build = try CheckBuild()
        defer { build.remove() }
        let native = try build.native()
        let arm = try build.arm()
        self.native = try Findings(run(native))
        self.arm = try Findings(run(Tool.qemu.path, Self.emulating("max") + [arm]))
        best = try Dictionary(
            uniqueKeysWithValues: Self.models.map { model in
                let name = try run(Tool.qemu.path, Self.emulating(model) + [arm, "best"])
                return (model, name.trimmingCharacters(in: .whitespacesAndNewlines))
            })
    }

    private static func emulating(_ model: String) -> [String] {
        ["-L", "/usr/aarch64-linux-gnu", "-cpu", model]
    }
}

/// The lines that the check printed.
struct Findings: Sendable {
    /// Digest of all outputs, by instruction set, then by kernel.
    private(set) var digests: [String: [String: String]] = [:]
    /// The first case of each kernel whose outputs differ from scalar's.
    private(set) var differences: [String] = []

    init(_ output: String) {
        for line in output.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            if words.first == "digest" { digests[words[1], default: [:]][words[2]] = words[3] }
            if words.first == "differs" { differences.append(String(line)) }
        }
    }
}

/// The two programs, in a folder of their own.
private struct CheckBuild {
    let folder: URL
    let package = URL(filePath: #filePath).appending(path: "../../..").standardized

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(
            path: "linewatch-check-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    func remove() {
        try? FileManager.default.removeItem(at: folder)
    }

    /// Every C file of the kernels (those for other architectures are empty here), and the check.
    private var sources: [String] {
        let kernels = package.appending(path: "Sources/CKernels")
        let files = FileManager.default.enumerator(at: kernels, includingPropertiesForKeys: nil)
        let paths = files?.compactMap { ($0 as? URL)?.path } ?? []
        return paths.filter { $0.hasSuffix(".c") }.sorted()
            + [package.appending(path: "Tests/KernelsTests/Arm/check.c").path]
    }

    private var options: [String] {
        ["-std=c17", "-O2", "-D_GNU_SOURCE", "-I", package.appending(path: "Sources/CKernels/include").path]
    }

    func native() throws -> String {
        let program = folder.appending(path: "check").path
        _ = try run(Tool.clang.path, options + sources + ["-lm", "-o", program])
        return program
    }

    func arm() throws -> String {
        let target = ["--target=aarch64-linux-gnu", "-isystem", Tool.headers.path]
        let objects = try sources.enumerated().map { index, source in
            let object = folder.appending(path: "\(index).o").path
            _ = try run(Tool.clang.path, target + options + ["-c", source, "-o", object])
            return object
        }
        let program = folder.appending(path: "check-arm").path
        _ = try run(Tool.linker.path, objects + ["-lm", "-o", program])
        return program
    }
}

/// What the check needs from the machine.
enum Tool: CaseIterable {
    case clang, headers, linker, qemu

    /// Where it is, or its plain name if it is nowhere.
    var path: String { found ?? name }

    private var name: String {
        switch self {
        case .clang: "clang"
        case .headers: "/usr/aarch64-linux-gnu/include"
        case .linker: "aarch64-linux-gnu-gcc"
        case .qemu: "qemu-aarch64"
        }
    }

    private var package: String {
        switch self {
        case .clang: "the Swift toolchain"
        case .headers: "libc6-dev-arm64-cross"
        case .linker: "gcc-aarch64-linux-gnu"
        case .qemu: "qemu-user"
        }
    }

    private var found: String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
        let places = name.hasPrefix("/") ? [name] : folders.map { "\($0)/\(name)" }
        return places.first { FileManager.default.fileExists(atPath: $0) }
    }

    /// What is missing and which package has it; nil if nothing is.
    static let missing: String? = {
        let missing = allCases.filter { $0.found == nil }.map { "\($0.name) (\($0.package))" }
        return missing.isEmpty ? nil : "missing: " + missing.joined(separator: ", ")
    }()
}

/// A program that failed, with what it printed.
struct ProgramFailure: Error, CustomStringConvertible {
    let program: String
    let status: Int32
    let output: String

    var description: String { "\(program) ended with status \(status): \(output)" }
}

/// Runs `program` and returns what it prints, errors among it. Throws `ProgramFailure` unless it ends with
/// status 0, or with 1 and findings.
private func run(_ program: String, _ arguments: [String] = []) throws -> String {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationReason == .exit, process.terminationStatus == 0 || output.contains("differs ")
    else {
        throw ProgramFailure(program: program, status: process.terminationStatus, output: output)
    }
    return output
}
