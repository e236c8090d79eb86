import FoundationEssentials

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
}
