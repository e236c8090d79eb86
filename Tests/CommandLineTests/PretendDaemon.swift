import Foundation
import Testing

/// An admin socket that answers each operation with lines that a test wrote, and a settings file that names it.
final class PretendDaemon: @unchecked Sendable {
    // @unchecked: the answers are set before the thread that reads them starts; the log has a lock.
    let folder: URL
    /// Lines of an answer by operation, `ID` standing for the number of the request.
    private let answers: [String: [String]]
    private let listener: Int32
    private let lock = NSLock()
    private var log: [String] = []

    /// The lines that came, the greeting's answers left out.
    var requests: [String] { lock.withLock { log } }
    var socket: String { folder.appending(path: "admin.sock").path }
    var settings: String { folder.appending(path: "linewatch.toml").path }

    /// - Parameter isRunning: false leaves only the settings file.
    init(settings text: String, answers: [String: [String]], isRunning: Bool = true) throws {
        // Short: a Unix socket's path has 107 bytes.
        folder = URL(filePath: "/tmp/lw-\(UInt32.random(in: 0 ... .max))")
        self.answers = answers
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        listener = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        try (text + "\n[admin]\nsocket = \"\(socket)\"\n").write(
            toFile: settings, atomically: true, encoding: .utf8)
        guard isRunning else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // Shorter than the field, which was zeroed.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: socket.utf8) }
        let code = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(code == 0 && listen(listener, 4) == 0)
        Thread { [self] in serve() }.start()
    }

    func end() {
        shutdown(listener, Int32(SHUT_RDWR))
        try? FileManager.default.removeItem(at: folder)
    }

    private func serve() {
        while true {
            let client = accept(listener, nil, nil)
            guard client >= 0 else { return }
            let file = FileHandle(fileDescriptor: client, closeOnDealloc: true)
            file.write(Data("{\"t\":\"hello\",\"proto\":\"1.0\"}\n".utf8))
            var pending = Data()
            while case let part = file.availableData, !part.isEmpty {
                pending += part
                while let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                    answer(Data(pending[..<end]), on: file)
                    pending = Data(pending[(end + 1)...])
                }
            }
        }
    }

    private func answer(_ line: Data, on client: FileHandle) {
        guard let request = try? JSONSerialization.jsonObject(with: line) as? [String: Any],
            let operation = request["op"] as? String, let id = request["id"] as? Int
        else { return }
        if operation != "hello" { lock.withLock { log.append(String(decoding: line, as: UTF8.self)) } }
        let lines = operation == "hello" ? ["{\"t\":\"ok\",\"id\":ID}"] : answers[operation] ?? []
        for line in lines {
            client.write(Data((line.replacingOccurrences(of: "ID", with: "\(id)") + "\n").utf8))
        }
    }

    /// Runs `linewatch` with these settings: its exit code, standard output and standard error.
    func linewatch(_ arguments: String...) throws -> (code: Int32, output: String, error: String) {
        let process = Process()
        let executable: URL = try #require(Self.executable, "linewatch was not built beside the tests")
        process.executableURL = executable
        process.arguments = arguments
        process.environment = ["LINEWATCH_CONFIG": settings]
        let output = Pipe(), error = Pipe()
        (process.standardOutput, process.standardError) = (output, error)
        process.standardInput = FileHandle.nullDevice
        try process.run()
        // What it writes fits the pipes.
        process.waitUntilExit()
        func text(_ pipe: Pipe) -> String {
            String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        }
        return (process.terminationStatus, text(output), text(error))
    }

    private static var executable: URL? {
        let folder = Bundle.main.executableURL?.deletingLastPathComponent()
        let beside = [folder, Bundle.main.bundleURL, Bundle.main.bundleURL.deletingLastPathComponent()]
        return beside.compactMap { $0?.appending(path: "linewatch") }.first {
            FileManager.default.isExecutableFile(atPath: $0.path)
        }
    }
}
