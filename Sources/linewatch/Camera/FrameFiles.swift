import Capture
import FoundationEssentials
import Imaging
import Platform

/// Where `camera record` writes: a recording, or pictures with their headers.
struct FrameFiles: ~Copyable {
    private var recording: RecordingWriter?
    private let folder: String
    private var pictureCount = 0
    private var pictureByteCount = 0
    /// The lines of frames.jsonl, written at the end.
    private var headers: [UInt8] = []

    /// Throws if the folder cannot be made, or holds a recording already.
    init(folder: String, asPictures: Bool) throws {
        self.folder = folder
        if asPictures {
            try createFolder(folder)
            recording = nil
        } else {
            recording = try RecordingWriter(folder: folder)
        }
    }

    /// Bytes written so far, without the headers of pictures.
    var byteCount: Int {
        switch recording {
        case .some(let recording): recording.byteCount
        case .none: pictureByteCount
        }
    }

    /// Writes one frame. Blocks. Throws if the disk refuses it, or a picture cannot hold it without loss.
    mutating func append(_ frame: borrowing Frame) throws {
        guard recording == nil else {
            try recording?.append(frame)
            return
        }
        let number = String(pictureCount)
        let name = "frame-" + String(repeating: "0", count: max(0, 8 - number.count)) + number + ".png"
        let header = frame.header
        var line = HeaderLine(header, frame.format)
        // A frame that ended early has no picture, and its header says so.
        if let view = frame.view {
            guard let file = try FramePicture.lossless(view) else {
                throw RecordingError.notLossless(format: view.format)
            }
            try writeAtomically(folder + "/" + name, file)
            pictureByteCount += file.count
            line.file = name
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        encoder.keyEncodingStrategy = .convertToSnakeCase
        headers += Array(try encoder.encode(line)) + [UInt8(ascii: "\n")]
        pictureCount += 1
    }

    /// Marks the end and flushes. Blocks.
    consuming func finish() throws {
        guard recording == nil else {
            try recording.take()?.finish()
            return
        }
        try writeAtomically(folder + "/frames.jsonl", headers)
    }

    /// The header of a frame as a line of JSON.
    private struct HeaderLine: Encodable {
        var file: String?
        let camera: UInt8
        let sequence, lost, bytesUsed: UInt32
        let driverNs, arrivalNs: Int64
        let error: Bool
        let encoder: Int32?
        let firstLine: UInt64
        let validLines: UInt32
        let lineFlags: UInt8
        let format: String
        let width, height: Int

        init(_ header: FrameHeader, _ looks: StreamFormat) {
            camera = header.camera
            (sequence, lost, bytesUsed) = (header.sequence, header.lostCount, header.bytesUsed)
            (driverNs, arrivalNs) = (header.driverNanoseconds, header.arrivalNanoseconds)
            error = header.hasError
            encoder = header.hasEncoder ? header.encoder : nil
            (firstLine, validLines) = (header.firstLine, header.validLineCount)
            lineFlags = header.lineFlags.rawValue
            format = looks.pixelFormat.rawValue
            (width, height) = (looks.size.width, looks.size.height)
        }
    }
}
