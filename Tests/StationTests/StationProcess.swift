import Foundation
import Testing

/// A scripted station in a process of its own, so that it can be killed.
final class StationProcess {
    /// A folder of its own under the temporary one: the log and both sockets.
    let folder: URL
    private var process = Process()

    var plc: String { folder.appending(path: "plc.sock").path }
    var admin: String { folder.appending(path: "admin.sock").path }
    var log: String { folder.appending(path: "log").path }

    init() throws {
        // Short: a Unix socket's path has 107 bytes.
        folder = URL(filePath: "/tmp/lw-\(UInt32.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit {
        kill()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Starts it and waits until its sockets are served. `wrapper` is a command that runs it.
    func start(_ arguments: String..., wrapper: [String] = []) throws {
        process = Process()
        let executable: URL = try #require(Self.executable, "scripted-station was not built beside the tests")
        let command = wrapper + [executable.path, "--dir", log, "--plc", plc, "--admin", admin] + arguments
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        var line = Data()
        while !line.contains(UInt8(ascii: "\n")) {
            let piece = pipe.fileHandleForReading.availableData
            try #require(!piece.isEmpty, "the scripted station ended before it was ready")
            line += piece
        }
    }

    /// As the kernel or a power cut would end it.
    func kill() {
        guard process.isRunning else { return }
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// As systemd would; returns its exit status.
    func stop() -> Int32 {
        process.terminate()
        process.waitUntilExit()
        return process.terminationStatus
    }

    private static var executable: URL? { BuiltExecutable.url("scripted-station") }
}

/// The programs that are built beside the tests.
enum BuiltExecutable {
    static func url(_ name: String) -> URL? {
        let folder = Bundle.main.executableURL?.deletingLastPathComponent()
        let beside = [folder, Bundle.main.bundleURL, Bundle.main.bundleURL.deletingLastPathComponent()]
        return beside.compactMap { $0?.appending(path: name) }.first {
            FileManager.default.isExecutableFile(atPath: $0.path)
        }
    }
}
