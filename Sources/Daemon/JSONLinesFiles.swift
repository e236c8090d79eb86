public import Events
internal import Glibc
public import Platform

public import struct Events.Record

// THE JSON LINES COPY (dir/export)
//
//   records.jsonl       the newest lines
//   records.1.jsonl     older ones, to records.3.jsonl, the oldest
//
// A file begins with one line of its own, {"t":"log","log":"7f3a9c21","after":1200}: of which log, and after which
// number, it goes on. Every other line is a record as profile full of the protocol has it. A file that would pass
// its limit, or that belongs to another log, becomes the next older one.
//
// Nothing is flushed to the disk: the log is the truth. A file is complete up to its last line that could be ours;
// what a crash left behind that line is cut off, and the copy goes on there.

/// The files of the copy: where it ends, and how it grows.
public final class JSONLinesFiles {
    /// How many files there are at most.
    public static let fileCount = 4

    private let folder: String
    private let log: String
    private let limit: Int
    private var descriptor: Int32 = -1
    /// Bytes of the newest file that are complete lines.
    private var size = 0
    /// Bytes of its first line.
    private var headerSize = 0
    private var writer = LineWriter(capacity: 4_096)
    /// The number of the last record that is in the files.
    public private(set) var cursor: UInt64

    /// Opens or begins the copy of the log with the identity `log` in `folder`, which is made if it is missing; where
    /// nothing of this log is there, it begins after `first`.
    ///
    /// - Parameter limit: bytes of one file; a single line may be longer.
    ///
    /// Blocks. Throws where the kernel refuses.
    public init(folder: String, log: String, after first: UInt64, limit: Int) throws(PlatformError) {
        (self.folder, self.log, self.limit) = (folder, log, limit)
        cursor = first
        guard unsafe mkdir(folder, 0o750) == 0 || errno == EEXIST else { throw .last("mkdir", folder) }
        try open()
        guard let end = try resume() else {
            try isUnfinished ? begin() : rotate()
            return
        }
        (cursor, size) = end
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw .last("ftruncate", path(0)) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Appends the lines of `records`, which follow each other. Blocks. If it throws, whole lines up to `cursor` are
    /// there, and the call may be repeated with what comes after.
    public func append(_ records: ArraySlice<Record>) throws(PlatformError) {
        writer.removeAll()
        var end = cursor
        for record in records where record.seq > cursor {
            let before = writer.bytes.count
            record.append(to: &writer, profile: .full, Delivery())
            if size + writer.bytes.count > limit, size + before > headerSize {
                writer.truncate(to: before)
                try flush(to: end)
                try rotate()
                record.append(to: &writer, profile: .full, Delivery())
            }
            end = record.seq
        }
        try flush(to: end)
    }

    /// Writes what `writer` holds: lines up to the record `seq`.
    private func flush(to seq: UInt64) throws(PlatformError) {
        try put(writer.bytes)
        writer.removeAll()
        cursor = seq
    }

    private func put(_ bytes: [UInt8]) throws(PlatformError) {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes[written...].withUnsafeBytes { buffer in
                unsafe pwrite(descriptor, buffer.baseAddress, buffer.count, off_t(size + written))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let error = PlatformError.last("write", path(0))
                // The next attempt begins at the same place; half a line must not stand there meanwhile.
                _ = ftruncate(descriptor, off_t(size))
                throw error
            }
            written += count
        }
        size += bytes.count
    }

    // MARK: Files

    private func path(_ age: Int) -> String { "\(folder)/records\(age == 0 ? "" : ".\(age)").jsonl" }

    private var header: String { "{\"t\":\"log\",\"log\":\"\(log)\",\"after\":\(cursor)}\n" }

    private func open() throws(PlatformError) {
        if descriptor >= 0 { close(descriptor) }
        descriptor = unsafe Glibc.open(path(0), O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw .last("open", path(0)) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .last("fstat", path(0)) }
        size = Int(status.st_size)
    }

    /// Makes every file one older and begins a new one.
    private func rotate() throws(PlatformError) {
        for age in (0..<Self.fileCount - 1).reversed() {
            guard unsafe rename(path(age), path(age + 1)) == 0 || errno == ENOENT else {
                throw .last("rename", path(age))
            }
        }
        try open()
        try begin()
    }

    private func begin() throws(PlatformError) {
        size = 0
        guard ftruncate(descriptor, 0) == 0 else { throw .last("ftruncate", path(0)) }
        try put(Array(header.utf8))
        headerSize = size
    }

    // MARK: Going on after a stop

    /// The newest file ends within its first line: it was being begun.
    private var isUnfinished = false

    /// Where the lines of this log end in the newest file; nil if it is not this log's.
    private func resume() throws(PlatformError) -> (cursor: UInt64, size: Int)? {
        let head = try read(at: 0, count: min(size, 128))
        guard let end = head.firstIndex(of: UInt8(ascii: "\n")),
            let after = after(ofHeader: String(decoding: head[..<end], as: UTF8.self))
        else {
            isUnfinished = size < 128 && !head.contains(UInt8(ascii: "\n"))
            return nil
        }
        headerSize = end + 1
        return try lastRecord(from: headerSize) ?? (after, headerSize)
    }

    private func after(ofHeader line: String) -> UInt64? {
        let start = "{\"t\":\"log\",\"log\":\"\(log)\",\"after\":"
        guard line.hasPrefix(start), line.hasSuffix("}") else { return nil }
        return UInt64(line.dropFirst(start.count).dropLast())
    }

    /// The last complete record at or behind the byte `start`, looked for from the end.
    private func lastRecord(from start: Int) throws(PlatformError) -> (cursor: UInt64, size: Int)? {
        var reach = 2 * LineLimit.full
        while true {
            let from = max(size - reach, start)
            let bytes = try read(at: from, count: size - from)
            var end = bytes.endIndex
            while let newline = bytes[..<end].lastIndex(of: UInt8(ascii: "\n")) {
                let before = bytes[..<newline].lastIndex(of: UInt8(ascii: "\n"))
                // Without a newline before it, a line is whole only where the file begins.
                guard before != nil || from == start else { break }
                let line = bytes[((before ?? -1) + 1)..<newline]
                if let seq = Self.seq(of: line) { return (seq, from + newline + 1) }
                end = newline
            }
            if from == start { return nil }
            reach *= 2
        }
    }

    /// The number of a line that can be ours.
    private static func seq(of line: ArraySlice<UInt8>) -> UInt64? {
        guard line.last == UInt8(ascii: "}"), !line.contains(0) else { return nil }
        for kind in ["r", "e", "gap"] {
            let start = Array("{\"t\":\"\(kind)\",\"seq\":".utf8)
            guard line.starts(with: start) else { continue }
            let digits = line.dropFirst(start.count).prefix { 0x30...0x39 ~= $0 }
            return UInt64(String(decoding: digits, as: UTF8.self))
        }
        return nil
    }

    private func read(at offset: Int, count: Int) throws(PlatformError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let piece = unsafe bytes.withUnsafeMutableBytes { buffer in
                // In bounds: done < count, the size of the buffer.
                unsafe pread(descriptor, buffer.baseAddress! + done, count - done, off_t(offset + done))
            }
            if piece < 0, errno == EINTR { continue }
            guard piece > 0 else { throw .last("read", path(0)) }
            done += piece
        }
        return bytes
    }
}
