import FoundationEssentials
import linewatch

/// A folder that stands for `/`, with the files a test puts there. It is deleted when the test lets go of it.
final class PretendMachine {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "linewatch-\(UUID())")
    private let environment: [String: String]

    /// Writes each text of `files` at its path. Throws if that fails.
    init(_ files: [String: String], environment: [String: String] = [:]) throws {
        self.environment = environment
        for (path, text) in files {
            let file = folder.appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// What `check` finds here.
    func result<Found>(of check: (Machine) -> Found) -> Found {
        check(Machine(root: folder.path, environment: environment))
    }
}
