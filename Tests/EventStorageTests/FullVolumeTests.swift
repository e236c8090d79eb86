import EventStorage
import Events
import FoundationEssentials
import Glibc
import Platform
import Testing

/// R3: a small volume that is really full.
struct FullVolumeTests {
    @Test(
        "a full volume loses no number and is left without a restart, again and again",
        .enabled(if: Volume.canMount, "mounting a small tmpfs needs root"))
    func tmpfs() throws {
        let volume = try Volume(mebibytes: 64)
        let house = Storehouse(at: volume.path + "/store")
        var settings = Storehouse.settings
        settings.ballastBytes = 1 << 20
        let log = try house.open(settings)
        var random = SplitMix64(seed: 6)
        for round in 0..<(isLong ? 100 : 4) {
            try volume.fill(leaving: Int.random(in: 0...200_000, using: &random))
            var refused = 0
            for _ in 0..<20_000 where refused < 5 {
                if (try? log.commit([result(log.takeJob())])) == nil { refused += 1 }
                _ = try? log.maintain()
            }
            #expect(log.status.condition == .full, "round \(round)")
            #expect(refused == 5, "round \(round)")
            volume.empty()
            try log.maintain()
            #expect(log.status.condition == .writable, "round \(round)")
            #expect(house.files.contains("ballast"), "round \(round)")
            try log.fill(3)
            #expect(coverage(try log.everything()) == 1...log.status.last, "round \(round)")
        }
        let codes = try log.everything().compactMap(\.event).map(\.code)
        #expect(codes.contains(.diskFull) && codes.contains(.diskOK))
        #expect(codes.filter { $0 == .diskOK }.count == (isLong ? 100 : 4))
        let gaps = try log.everything().filter { $0.gap?.why == .storageError }
        #expect(gaps.reduce(0) { $0 + Int($1.seq - $1.gap!.from) + 1 } == log.status.lost)
        try log.stop()
    }

    @Test(
        "a log opens on a full volume by giving up its ballast",
        .enabled(if: Volume.canMount, "mounting a small tmpfs needs root"))
    func open() throws {
        let volume = try Volume(mebibytes: 64)
        let house = Storehouse(at: volume.path + "/store")
        var settings = Storehouse.settings
        settings.ballastBytes = 1 << 20
        try house.open(settings).abandon()
        try volume.fill(leaving: 0)
        let log = try house.open(settings)
        #expect(log.status.condition == .full)
        #expect(try log.everything().compactMap(\.event).map(\.code).contains(.diskFull))
        volume.empty()
        try log.maintain()
        #expect(log.status.condition == .writable)
        try log.stop()
    }
}

/// A small tmpfs, unmounted at the end.
private final class Volume {
    let path: String

    static let canMount: Bool = {
        guard let volume = try? Volume(mebibytes: 1) else { return false }
        return !volume.path.isEmpty
    }()

    init(mebibytes: Int) throws {
        path = "/tmp/linewatch-volume-" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        guard unsafe mount("tmpfs", path, "tmpfs", 0, "size=\(mebibytes)m") == 0 else {
            _ = unsafe rmdir(path)
            throw EventLogError.storage(path: path, message: "mount failed")
        }
    }

    /// Takes all room but `count` bytes.
    func fill(leaving count: Int) throws {
        let free = Surroundings.machine.freeBytes(path)
        try Surroundings.machine.allocate(path + "/filler", free - count)
    }

    func empty() { _ = unsafe unlink(path + "/filler") }

    deinit {
        unsafe umount2(path, 2)  // MNT_DETACH
        unsafe rmdir(path)
    }
}
