import Foundation
import Glibc
import Sockets
import Testing

/// C55 with a real file system that is really full.
@Suite("full disk", .serialized)
struct FullDiskTests {
    @Test(
        "C55: nothing is OK while the disk is full, a gap covers what could not be kept, and it heals by itself",
        .enabled(if: getuid() == 0 && SmallDisk.isPossible, "needs uid 0 that may mount a tmpfs"))
    func full() throws {
        let service = try ServiceProcess(LinePlan(framesPerSecond: 50), from: Taught.state())
        let disk = try SmallDisk(service.state, mebibytes: 40)
        try service.start()
        try service.results(1, after: try service.last()) { $0.number("v") == 1 }
        let before = try service.last()
        let client = try service.client()
        try disk.fill()
        try eventually("the log is full") { (try client.ask("state").number("al") ?? 0) >> 3 & 1 == 1 }
        let start = try client.ask("stats")
        #expect(try client.ask("state").number("rdy") == 0)
        let teaching = try service.command("teach casting --quick --images \(try Taught.pictures().path)")
        #expect(teaching.status == 4 && teaching.errors.contains("teaching wants"), "\(teaching.errors)")
        #expect(try client.order("disarm", [JSONMember("cam", .integer(0))]) == 0)
        #expect(try client.order("arm", [JSONMember("cam", .integer(0))]) == 0)
        Thread.sleep(forTimeInterval: 0.5)
        let end = try client.ask("stats")
        #expect((end.number("tr") ?? 0) > (start.number("tr") ?? 0), "frames go on being captured")
        #expect(end.number("ok") == start.number("ok"), "nothing is OK that nobody can be told")
        let durable = try #require(try service.client().greeting.number("last"))
        let kept = try client.records(after: before)
        #expect(kept.last?.number("seq") == durable)

        disk.free()
        try service.event(1203, after: before)
        try service.results(1, after: durable) { $0.number("v") == 1 }
        #expect((try client.ask("state").number("al") ?? 0) >> 3 & 1 == 0)
        let records = try client.records(after: before)
        #expect(holes(in: records, after: before).isEmpty)
        #expect(records.contains { $0.number("code") == 1202 })
        let gap = try #require(records.first { $0.kind == "gap" })
        #expect(gap.number("why") == 4 && gap.number("from") == durable + 1, "\(gap.text)")
        #expect(service.stop() == 0)
    }
}

/// A small file system over a folder, with the same files in it.
private final class SmallDisk {
    private let folder: URL
    private var filler: URL { folder.appending(path: "filler") }

    /// Whether this process may mount one.
    static let isPossible: Bool = {
        guard let folder = try? Scratch.folder() else { return false }
        guard run("mount", "-t", "tmpfs", "-o", "size=1m", "none", folder.path) else { return false }
        return run("umount", folder.path)
    }()

    init(_ folder: URL, mebibytes: Int) throws {
        self.folder = folder
        let copy = folder.deletingLastPathComponent().appending(path: "copy")
        try FileManager.default.moveItem(at: folder, to: copy)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try #require(Self.run("mount", "-t", "tmpfs", "-o", "size=\(mebibytes)m", "none", folder.path))
        try #require(Self.run("cp", "-a", copy.path + "/.", folder.path))
    }

    deinit { _ = Self.run("umount", "-l", folder.path) }

    /// Takes all the room that is left.
    func fill() throws { _ = Self.run("dd", "if=/dev/zero", "of=\(filler.path)", "bs=4096") }

    func free() { try? FileManager.default.removeItem(at: filler) }

    @discardableResult
    private static func run(_ words: String...) -> Bool {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = words
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
