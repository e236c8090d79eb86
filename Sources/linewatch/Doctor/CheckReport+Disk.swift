import Configuration
import EventStorage
import FoundationEssentials
import Glibc

extension CheckReport {
    /// The disk of the state folder: its speed, its room, and the log on it.
    package static func disk(of box: Box) -> [Check] {
        let folder = box.machine.path(box.settings.store.dir)
        guard box.machine.isFolder(box.settings.store.dir) else {
            return [
                .warn(
                    "state folder", "'\(folder)' is not there, or may not be looked at.",
                    remedy: "Start the daemon once, or run 'sudo linewatch doctor'.")
            ]
        }
        return [durability(folder, box), room(folder, box), ballast(folder, box), database(folder)]
    }

    /// How long a commit takes until it cannot be lost any more.
    private static func durability(_ folder: String, _ box: Box) -> Check {
        let name = "durable writes"
        let times: (p50: Int, p99: Int)
        if let store = box.report?.store, store.fsyncP99Us > 0 {
            times = (store.fsyncP50Us, store.fsyncP99Us)
        } else {
            let work = folder + "/.doctor-" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
            do {
                try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: false)
            } catch {
                return .warn(
                    name, "not measured: '\(folder)' cannot be written.",
                    remedy: "Run 'sudo linewatch doctor'.")
            }
            defer { try? FileManager.default.removeItem(atPath: work) }
            do {
                let speed = try StoreSpeed(folder: work, seconds: 0.3, publishers: 8)
                times = (speed.commitP50 / 1_000, speed.commitP99 / 1_000)
            } catch {
                return .fail(name, "\(error)", remedy: "Look at the disk and its mount options.")
            }
        }
        return durability(p50: times.p50, p99: times.p99, deadline: box.shortestDeadline)
    }

    /// What to say of a disk on which a commit takes so many microseconds.
    package static func durability(p50: Int, p99: Int, deadline: Int?) -> Check {
        let name = "durable writes"
        let detail = "p50 \(readable(microseconds: p50)), p99 \(readable(microseconds: p99)) a commit."
        guard let deadline, p99 > deadline / 2 else { return .pass(name, detail) }
        return .warn(
            name,
            detail + " That is over half of the shortest deadline, \(readable(microseconds: deadline)).",
            remedy: "Use a faster disk, or longer deadlines: results come after their commit.")
    }

    private static func room(_ folder: String, _ box: Box) -> Check {
        var status = statvfs()
        // The path is a C string for the call, which fills the status.
        guard unsafe statvfs(folder, &status) == 0 else {
            return .warn("free space", "unknown.", remedy: "Run 'df \(folder)'.")
        }
        let free = Int(status.f_bavail) * Int(status.f_frsize)
        return room(free: free, store: box.settings.store.minFreeMiB << 20)
    }

    /// What to say of `free` bytes where pictures stop below `least`.
    package static func room(free: Int, store least: Int) -> Check {
        let name = "free space"
        let detail = "\(readable(bytes: free)); pictures stop below \(readable(bytes: least))."
        if free < 64 << 20 {
            return .fail(
                name, detail, remedy: "Make room: soon nothing can be written, and nothing is OK then.")
        }
        guard free < least else { return .pass(name, detail) }
        return .warn(name, detail, remedy: "Make room, or lower [store] min_free_mib.")
    }

    private static func ballast(_ folder: String, _ box: Box) -> Check {
        let name = "ballast"
        var status = stat()
        // The path is a C string for the call, which fills the status.
        guard unsafe stat(folder + "/ballast", &status) == 0 else {
            return .warn(
                name, "none: a full disk leaves no room for last words.",
                remedy: "Start the daemon, which makes it where there is room.")
        }
        return .pass(name, "\(readable(bytes: Int(status.st_size))) are kept for a full disk.")
    }

    private static func database(_ folder: String) -> Check {
        let name = "log"
        do {
            switch try LogCheck.run(folder: folder, seconds: 5) {
            case .none: return .pass(name, "none yet.")
            case .sound: return .pass(name, "its database is sound.")
            case .unfinished: return .pass(name, "nothing wrong was found in 5 s.")
            case .damaged(let message):
                return .fail(
                    name, "its database is damaged: \(message).",
                    remedy: "Save '\(folder)', restart the daemon, which sets it aside, and look at the disk."
                )
            }
        } catch {
            return .warn(name, "not checked: \(error)", remedy: "Run 'sudo linewatch doctor'.")
        }
    }

    /// Whether the clock is right, as far as the daemon would know.
    package static func clock(of box: Box) -> Check {
        let name = "clock"
        let markers = [
            "/run/systemd/timesync/synchronized", box.loaded.folders.runtime + "/clock-synced",
        ]
        let watched: [String]
        switch box.settings.clock.source {
        case .none: return .pass(name, "not watched, as set.")
        case .file: watched = [markers[1]]
        case .auto: watched = markers
        }
        if let marker = watched.first(where: { box.machine.exists($0) }) {
            return .pass(name, "synchronised (\(marker)).")
        }
        return .warn(
            name, "not synchronised: none of \(watched.joined(separator: ", ")) is there.",
            remedy: "Start a time service, such as systemd-timesyncd, and linewatch-clock.timer.")
    }
}
