import FoundationEssentials
import Glibc

/// The commit of the sources that a program was built in.
enum SourceCommit {
    /// What git says of the folder that this program lies in, as in "1c8bd0f4aa21" or "1c8bd0f4aa21-dirty"; nil if
    /// that is no checkout, or there is no git. Blocks for some milliseconds the first time.
    static let ofThisProgram = described()

    private static func described() -> String? {
        let log = FileManager.default.temporaryDirectory.appending(
            path: "linewatch-commit-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        ).path
        defer { try? FileManager.default.removeItem(atPath: log) }
        guard let program = try? ChildProcess.own(), let slash = program.lastIndex(of: "/"),
            let git = try? ChildProcess(
                "/usr/bin/env",
                [
                    "git", "--no-optional-locks", "-C", String(program[..<slash]), "describe", "--always",
                    "--dirty", "--abbrev=12", "--exclude=*",
                ], environment: ProcessInfo.processInfo.environment, log: log),
            git.ended() == 0, let text = try? String(contentsOf: URL(filePath: log), encoding: .utf8)
        else { return nil }
        let word = text.prefix { !$0.isNewline }
        return word.isEmpty || word.contains(" ") ? nil : String(word)
    }
}
