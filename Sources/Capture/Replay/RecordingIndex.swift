public import Imaging
public import Platform

/// Where the frames of a recording lie, read from the heads of its records.
public struct RecordingIndex: Sendable {
    /// The sound frames, in order.
    public let frames: [RecordedFrame]
    /// Why the records end before the file does, or without their end mark; nil for a closed recording.
    public let damage: RecordingDamage?

    /// Reads the heads of `file`; the bytes of the frames are not looked at. Throws if it is no recording of a
    /// version that this build reads.
    public init(of file: RawSpan, path: String) throws(RecordingError) {
        guard file.byteCount >= RecordingFormat.headByteCount else { throw .notARecording(path: path) }
        let head = Fields(bytes: file.extracting(0..<RecordingFormat.headByteCount))
        for (index, byte) in RecordingFormat.magic.enumerated() where head.byte(index) != byte {
            throw .notARecording(path: path)
        }
        guard head.isSealed(at: 56) else { throw .notARecording(path: path) }
        guard head.word(8) == RecordingFormat.version else {
            throw .unknownVersion(path: path, version: head.word(8))
        }

        var frames: [RecordedFrame] = [], damage: RecordingDamage?
        var offset = RecordingFormat.headByteCount
        while damage == nil {
            switch Self.record(at: offset, number: frames.count, of: file) {
            case .frame(let frame):
                frames.append(frame)
                offset = RecordingFormat.aligned(frame.bytes.upperBound)
            case .end:
                self.frames = frames
                self.damage = nil
                return
            case .broken(let reason):
                damage = RecordingDamage(
                    path: path, frame: frames.count, offset: min(offset, file.byteCount), reason: reason)
            }
        }
        self.frames = frames
        self.damage = damage
    }

    private enum Record {
        case frame(RecordedFrame)
        case end
        case broken(RecordingDamage.Reason)
    }

    private static func record(at offset: Int, number: Int, of file: RawSpan) -> Record {
        let count = RecordingFormat.recordByteCount
        guard file.byteCount - offset > 0 else { return .broken(.noEnd) }
        guard file.byteCount - offset >= count else { return .broken(.cutShort) }
        let fields = Fields(bytes: file.extracting(offset..<offset + count))
        guard fields.isSealed(at: 120) else { return .broken(.badHead) }
        guard fields.long(16) == UInt64(number) else { return .broken(.badHead) }
        if fields.word(0) == RecordingFormat.endMark { return .end }
        guard fields.word(0) == RecordingFormat.frameMark, let frame = frame(fields, at: offset + count)
        else {
            return .broken(.badHead)
        }
        guard frame.bytes.upperBound <= file.byteCount else { return .broken(.cutShort) }
        return .frame(frame)
    }

    /// Nil if the fields cannot be a frame's.
    private static func frame(_ fields: Fields, at offset: Int) -> RecordedFrame? {
        let name = fields.text(24, count: 8)
        let isJPEG = name == "MJPG"
        let size = Size(width: Int(fields.word(32)), height: Int(fields.word(36)))
        let rate = Double(bitPattern: fields.long(96))
        guard let pixels = isJPEG ? .rgb24 : PixelFormat(rawValue: name), size.isValid,
            fields.long(8) <= UInt64(RecordingFormat.maximumFrameByteCount), fields.word(40) <= 1 << 24,
            rate.isFinite, rate >= 0
        else { return nil }
        var header = FrameHeader()
        header.hasError = fields.word(4) & 1 != 0
        header.hasEncoder = fields.word(4) & 2 != 0
        header.camera = fields.byte(44)
        header.lineFlags = LineFlags(rawValue: fields.byte(45))
        header.sequence = fields.word(48)
        header.lostCount = fields.word(52)
        header.driverNanoseconds = Int64(bitPattern: fields.long(56))
        header.arrivalNanoseconds = Int64(bitPattern: fields.long(64))
        header.bytesUsed = fields.word(72)
        header.encoder = Int32(bitPattern: fields.word(76))
        header.firstLine = fields.long(80)
        header.validLineCount = fields.word(88)
        let format = StreamFormat(
            pixelFormat: pixels, size: size,
            bytesPerRow: isJPEG ? 3 * size.width : Int(fields.word(40)), framesPerSecond: rate)
        return RecordedFrame(
            header: header, format: format, isJPEG: isJPEG, bytes: offset..<offset + Int(fields.long(8)),
            checksum: fields.long(112))
    }
}

/// Where and why a recording ends before its time.
public struct RecordingDamage: Error, Hashable, Sendable, CustomStringConvertible {
    public var path: String
    /// The first frame that cannot be played, from 0: so many are sound.
    public var frame: Int
    /// Where its record begins, in bytes.
    public var offset: Int
    public var reason: Reason

    public enum Reason: String, Hashable, Sendable {
        case noEnd = "it was not closed"
        case cutShort = "the file ends inside it"
        case badHead = "its head is damaged"
        case badBytes = "its bytes are damaged"
        case badPicture = "its JPEG picture is damaged"
    }

    /// What happened, where, and what to do, in one line.
    public var description: String {
        if reason == .noEnd {
            return "'\(path)' was not closed: it ends at byte \(offset), after \(frame) sound frames."
        }
        return
            "'\(path)' is damaged at byte \(offset), in frame \(frame) counted from 0: \(reason.rawValue). Only the "
            + "frames before it can be played."
    }
}

/// Why a recording cannot be played or written at all.
public enum RecordingError: Error, Hashable, CustomStringConvertible {
    case notARecording(path: String)
    case unknownVersion(path: String, version: UInt32)
    case empty(path: String)
    case files(PlatformError)
    case images(ImagingError)
    case alreadyThere(path: String)
    case notLossless(format: PixelFormat)

    /// What happened, where, and what to do, in one line.
    public var description: String {
        switch self {
        case .notARecording(let path): "'\(path)' is no recording. Make one with 'linewatch camera record'."
        case .unknownVersion(let path, let version):
            "'\(path)' is a recording of version \(version); this build reads version \(RecordingFormat.version)."
        case .empty(let path): "'\(path)' holds no sound frame. Record it again."
        case .files(let error): error.description
        case .images(let error): error.description
        case .alreadyThere(let path):
            "'\(path)' holds a recording already. Name another folder, or remove it."
        case .notLossless(let format):
            "PNG holds GREY, RGB3 and BGR3 without loss, not \(format.rawValue). Record without --png."
        }
    }
}

/// The fields of a head, little-endian.
private struct Fields {
    let bytes: [UInt8]

    init(bytes: RawSpan) {
        self.bytes = bytes.byteOffsets.map { unsafe bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
    }

    func byte(_ offset: Int) -> UInt8 { bytes[offset] }

    func word(_ offset: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << (8 * $1) }
    }

    func long(_ offset: Int) -> UInt64 { UInt64(word(offset)) | UInt64(word(offset + 4)) << 32 }

    /// Characters up to the first zero; what is not UTF-8 names no format.
    func text(_ offset: Int, count: Int) -> String {
        String(decoding: bytes[offset..<offset + count].prefix { $0 != 0 }, as: UTF8.self)
    }

    func isSealed(at offset: Int) -> Bool {
        unsafe XXHash64.checksum(of: bytes.span.bytes.extracting(first: offset)) == long(offset)
    }
}
