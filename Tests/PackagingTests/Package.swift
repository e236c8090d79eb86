import Foundation
import Testing

/// The Debian package of the build that these tests belong to, unpacked; made once.
struct Package {
    let folder: URL
    let file: String
    /// The lines of `dpkg-deb --contents`.
    let contents: [String]

    /// Why there can be no package here; nil if there can.
    static let missing: String? = {
        for program in ["dpkg-deb", "readelf", "python3"] where !Command.isInstalled(program) {
            return "\(program) is not installed"
        }
        let plan = Command.root.appending(path: ".build/release.yaml").path
        return FileManager.default.fileExists(atPath: plan) ? nil : "there is no release build in .build"
    }()

    static let shared = Result { try Package() }

    private init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "linewatch-package-\(UUID())")
        let script = Command.root.appending(path: "Packaging/deb").path
        let build = try Command(
            "bash", arguments: [script, "--no-build", "--level", "0", "--output", folder.path])
        file = build.output.split(separator: "\n").last.map(String.init) ?? ""
        try #require(build.status == 0, "\(build.output)")
        contents = try Command("dpkg-deb", arguments: ["--contents", file]).output.split(separator: "\n")
            .map(String.init)
        let unpacked = try Command("dpkg-deb", arguments: ["--raw-extract", file, folder.path + "/root"])
        try #require(unpacked.status == 0, "\(unpacked.output)")
        atexit { if case .success(let package) = Package.shared { try? package.remove() } }
    }

    private func remove() throws { try FileManager.default.removeItem(at: folder) }

    func text(_ path: String) throws -> String {
        try String(contentsOf: folder.appending(path: "root/" + path), encoding: .utf8)
    }
}
