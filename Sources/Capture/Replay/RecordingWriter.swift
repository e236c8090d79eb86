import Glibc
public import Imaging
import Platform

/// Writes the frames of a camera to the file `frames.lwr` of a folder, byte for byte with their headers.
///
/// Each frame is whole in the file or is the torn end that a player stops at. Letting the value go without
/// `finish` leaves a recording that plays and says that it was not closed.
public struct RecordingWriter: ~Copyable {
    /// The file that is written.
    public let path: String
    /// Frames and bytes written so far.
    public private(set) var frameCount = 0
    public private(set) var byteCount: Int
    private let file: Descriptor

    /// Creates `folder` if it is missing, and the recording in it. Throws if one is there already.
    public init(folder: String) throws(RecordingError) {
        let path = folder + "/" + RecordingFormat.fileName
        do throws(PlatformError) {
            try createFolder(folder)
        } catch {
            throw .files(error)
        }
        let number = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard number >= 0 || errno != EEXIST else { throw .alreadyThere(path: path) }
        guard number >= 0 else { throw .files(.last("open", path)) }
        let file = Descriptor(owning: number)
        let head = RecordingFormat.head()
        unsafe try Self.write(head.span.bytes, to: file, path)
        self.path = path
        self.file = file
        byteCount = head.count
    }

    /// Writes `frame` at the end. Blocks. Throws if the disk refuses it; the recording is then torn.
    public mutating func append(_ frame: borrowing Frame) throws(RecordingError) {
        let header = frame.header, format = frame.format
        try frame.withBytes { (bytes) throws(RecordingError) in
            // Of a buffer longer than its frame only the frame counts.
            let needed = format.pixelFormat.byteCount(
                height: format.size.height, bytesPerRow: format.bytesPerRow)
            let used = bytes.extracting(first: min(needed, bytes.byteCount))
            try append(used, header: header, format: format, isJPEG: false)
        }
    }

    /// Writes a frame whose bytes are a JPEG picture of `size`, as cameras with MJPG send them. As `append`.
    public mutating func append(
        jpeg bytes: RawSpan, header: FrameHeader, size: Size, framesPerSecond: Double
    ) throws(RecordingError) {
        let format = StreamFormat(
            pixelFormat: .rgb24, size: size, bytesPerRow: 3 * size.width, framesPerSecond: framesPerSecond)
        try append(bytes, header: header, format: format, isJPEG: true)
    }

    /// Marks the end and flushes all to the disk. Blocks. Throws if the disk refuses it.
    public consuming func finish() throws(RecordingError) {
        unsafe try write(RecordingFormat.end(count: frameCount).span.bytes)
        guard fsync(file.number) == 0 else { throw .files(.last("fsync", path)) }
    }

    private mutating func append(
        _ bytes: RawSpan, header: FrameHeader, format: StreamFormat, isJPEG: Bool
    ) throws(RecordingError) {
        let start = byteCount + RecordingFormat.recordByteCount
        let frame = RecordedFrame(
            header: header, format: format, isJPEG: isJPEG, bytes: start..<start + bytes.byteCount,
            checksum: XXHash64.checksum(of: bytes))
        unsafe try write(RecordingFormat.record(frame, number: frameCount).span.bytes)
        try write(bytes)
        let padding = [UInt8](repeating: 0, count: RecordingFormat.aligned(byteCount) - byteCount)
        unsafe try write(padding.span.bytes)
        frameCount += 1
    }

    private mutating func write(_ bytes: RawSpan) throws(RecordingError) {
        try Self.write(bytes, to: file, path)
        byteCount += bytes.byteCount
    }

    private static func write(
        _ bytes: RawSpan, to file: borrowing Descriptor, _ path: String
    ) throws(RecordingError) {
        var offset = 0
        while offset < bytes.byteCount {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                // Inside the buffer: offset < its count.
                unsafe Glibc.write(file.number, buffer.baseAddress! + offset, buffer.count - offset)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .files(.last("write", path)) }
            offset += count
        }
    }
}
