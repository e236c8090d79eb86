import Foundation
import Testing

/// Faults of the world around a daemon: a clock that jumps, a thread that stands still.
final class Faults {
    /// What the daemon has to be started with.
    let environment: [String: String]
    private let file: FileHandle

    /// Whether the piece that goes between daemon and libc can be compiled here.
    static let isPossible = (try? library.get()) != nil

    private static let library = Result { () throws -> URL in
        let library = try Scratch.folder().appending(path: "faults.so")
        let source = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Faults/faults.c")
        let compiler = Process()
        compiler.executableURL = URL(filePath: "/usr/bin/env")
        compiler.arguments = ["clang", "-shared", "-fPIC", "-O1", "-o", library.path, source.path, "-ldl"]
        compiler.standardError = FileHandle.nullDevice
        try compiler.run()
        compiler.waitUntilExit()
        try #require(compiler.terminationStatus == 0, "faults.c cannot be compiled")
        return library
    }

    init() throws {
        let path = try Scratch.folder().appending(path: "faults")
        try Data(count: 64).write(to: path)
        file = try FileHandle(forUpdating: path)
        environment = ["LD_PRELOAD": try Self.library.get().path, "LINEWATCH_FAULTS": path.path]
    }

    /// Sets the daemon's clock of the day so many milliseconds ahead.
    func setClock(ahead milliseconds: Int64) throws {
        try file.seek(toOffset: 0)
        try file.write(contentsOf: unsafe withUnsafeBytes(of: milliseconds.littleEndian) { unsafe Data($0) })
    }

    /// Holds up the thread `name` from its next look at a clock on; nil lets all go on.
    func hold(_ name: String?) throws {
        try file.seek(toOffset: 8)
        try file.write(contentsOf: Data(Array((name ?? "").utf8.prefix(15)) + [0]))
    }
}
