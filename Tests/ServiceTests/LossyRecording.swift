import Capture
import Foundation
import Imaging
import Testing

/// Recordings of plain frames in which a driver has lost some, or whose bytes are damaged.
enum LossyRecording {
    static let size = Size(width: 320, height: 240)

    /// A frame for each element of `lost`, which says how many were lost before it.
    static func make(lost: [UInt32]) throws -> URL {
        let folder = try Scratch.folder().appending(path: "recording")
        var writer = try RecordingWriter(folder: folder.path)
        var sequence: UInt32 = 0
        for (number, count) in lost.enumerated() {
            sequence += count
            var header = FrameHeader()
            (header.sequence, header.lostCount) = (sequence, count)
            header.driverNanoseconds = Int64(number) * 20_000_000
            header.arrivalNanoseconds = header.driverNanoseconds
            header.bytesUsed = UInt32(size.pixelCount)
            try append([UInt8](repeating: 100, count: size.pixelCount), header, to: &writer)
            sequence += 1
        }
        try writer.finish()
        return folder
    }

    /// Damages the bytes of the last frame of the recording in `folder`.
    static func damage(_ folder: URL) throws {
        let file = try FileHandle(forUpdating: folder.appending(path: "frames.lwr"))
        // Behind the last frame there is only the end mark, which is shorter than a frame.
        let end = try file.seekToEnd()
        try file.seek(toOffset: end - UInt64(size.pixelCount) / 2)
        try file.write(contentsOf: Data([1, 2, 3, 4]))
        try file.close()
    }

    private static func append(
        _ pixels: [UInt8], _ header: FrameHeader, to writer: inout RecordingWriter
    ) throws {
        let format = StreamFormat(
            pixelFormat: .grey, size: size, bytesPerRow: size.width, framesPerSecond: 50)
        // The frame ends before the pixels that it lends.
        try unsafe pixels.withUnsafeBytes { bytes in
            let frame = unsafe Frame(
                header: header, format: format, unsafeBytes: bytes, returns: FrameReturns(), index: 0)
            try writer.append(frame)
        }
    }
}
