import FoundationEssentials
import Glibc

/// What the kernel says of this process. Reads /proc: for people and metrics, not for the way of a frame.
enum ProcessFigures {
    /// Bytes of memory that are resident; 0 where /proc does not tell.
    static var residentBytes: Int {
        guard let data = FileManager.default.contents(atPath: "/proc/self/statm") else { return 0 }
        let fields = String(decoding: data, as: UTF8.self).split(separator: " ")
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * 4_096 : 0
    }

    /// Descriptors that are open.
    static var descriptorCount: Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))?.count ?? 0
    }

    /// Bytes of the file at `path`; 0 where there is none.
    static func size(of path: String) -> Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return attributes?[.size] as? Int ?? Int(attributes?[.size] as? UInt64 ?? 0)
    }

    /// Bytes that a service may still write beside `path`; 0 where the kernel does not tell.
    static func freeBytes(_ path: String) -> Int {
        var status = statvfs()
        guard unsafe statvfs(path, &status) == 0 else { return 0 }
        return Int(status.f_bavail) * Int(status.f_frsize)
    }
}
