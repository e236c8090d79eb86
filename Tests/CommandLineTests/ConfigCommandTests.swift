import ArgumentParser
import Foundation
import Testing
import linewatch

/// `linewatch config` as it is typed.
struct ConfigCommandTests {
    @Test(
        "check, show and diff take a file",
        arguments: [
            ["config", "check", "/x.toml"], ["config", "check", "--json"],
            ["config", "show", "--effective", "--origin"], ["config", "show", "--default"],
            ["config", "diff", "/a.toml", "/b.toml", "--json"],
        ])
    func accepted(arguments: [String]) throws {
        _ = try Linewatch.parseAsRoot(arguments)
    }

    @Test("show --default stands alone, and diff needs a file")
    func refused() {
        #expect(throws: (any Error).self) {
            try Linewatch.parseAsRoot(["config", "show", "--default", "--json"])
        }
        #expect(throws: (any Error).self) { try Linewatch.parseAsRoot(["config", "diff"]) }
    }

    @Test("check ends with 7 for errors, with 8 for warnings only, and with nothing for none")
    func exitCodes() throws {
        let least = "[station]\nid = \"A\"\n[[camera]]\nid = 1\nsource = \"simulated\"\n"
        let inspection = "[[inspect]]\nname = \"a\"\ncamera = 1\n"
        #expect(try exitCode(least + inspection) == nil)
        #expect(try exitCode(least) == ExitCode(8))
        #expect(try exitCode(least + inspection + "deadlin_ms = 1\n") == ExitCode(7))
    }

    /// What `config check` of a file with `text` throws, or nil.
    private func exitCode(_ text: String) throws -> ExitCode? {
        let folder = FileManager.default.temporaryDirectory.appending(path: "linewatch-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.path + "/linewatch.toml"
        try Data(text.utf8).write(to: URL(filePath: path))
        do {
            var command = try Linewatch.parseAsRoot(["config", "check", path])
            try command.run()
            return nil
        } catch let code as ExitCode {
            return code
        }
    }
}
