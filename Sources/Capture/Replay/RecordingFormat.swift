public import Imaging
import Platform

// RECORDING (frames.lwr)
//
// Numbers are little-endian, times are nanoseconds of the monotonic clock. The file is a head of 64 bytes and
// then records, each at a multiple of 64 bytes: a record head of 128 bytes and, for a frame, its bytes as the
// driver filled them, zeros up to the next multiple of 64.
//
//   head      0   8  "LWFRAMES"
//             8   4  version, 1
//            12  44  zero
//            56   8  xxHash64 of bytes 0 ..< 56
//
//   record    0   4  "FRAM", or "ENDS" for the last record of a recording that was closed
//             4   4  flags: 1 the driver's error flag, 2 the encoder is known
//             8   8  bytes of the frame; of ENDS: 0
//            16   8  number of the frame, from 0; of ENDS: how many there are
//            24   8  pixel format by its V4L2 name, ASCII, zeros behind; "MJPG": the bytes are a JPEG picture
//            32   4  width            36   4  height           40   4  bytes per row
//            44   1  camera           45   1  line flags       46   2  zero
//            48   4  sequence         52   4  lost frames before it
//            56   8  driver's time    64   8  arrival
//            72   4  bytes used       76   4  encoder
//            80   8  first line       88   4  valid lines      92   4  zero
//            96   8  frames per second, Float64
//           104   8  zero
//           112   8  xxHash64 of the frame's bytes
//           120   8  xxHash64 of bytes 0 ..< 120 of the record
//
// A recording is sound up to the first record whose checksum, number, format or size does not hold or whose
// bytes are not all in the file, and up to the first frame whose bytes have another checksum; what lies behind
// is not played. One without ENDS was cut off, by a crash or because it is still being written.

/// The head of one frame of a recording.
public struct RecordedFrame: Hashable, Sendable {
    public var header: FrameHeader
    /// Of the frame as it is played: RGB3 where the bytes are JPEG.
    public var format: StreamFormat
    /// Whether the bytes are a JPEG picture.
    public var isJPEG: Bool
    /// Where the bytes lie in the file.
    public var bytes: Range<Int>
    /// Their xxHash64.
    public var checksum: UInt64

    package init(
        header: FrameHeader, format: StreamFormat, isJPEG: Bool, bytes: Range<Int>, checksum: UInt64
    ) {
        self.header = header
        self.format = format
        self.isJPEG = isJPEG
        self.bytes = bytes
        self.checksum = checksum
    }
}

/// The sizes and words of the format.
package enum RecordingFormat {
    package static let fileName = "frames.lwr"
    static let magic = Array("LWFRAMES".utf8)
    static let version: UInt32 = 1
    static let headByteCount = 64
    static let recordByteCount = 128
    static let frameMark: UInt32 = 0x4D41_5246  // "FRAM"
    static let endMark: UInt32 = 0x5344_4E45  // "ENDS"
    static let maximumFrameByteCount = 1 << 30

    /// `offset`, or the next multiple of 64 behind it.
    static func aligned(_ offset: Int) -> Int { (offset + 63) / 64 * 64 }

    /// The head of a file.
    static func head() -> [UInt8] {
        var bytes = ByteFields(count: headByteCount)
        bytes.put(magic, at: 0)
        bytes.put(version, at: 8)
        bytes.seal(at: 56)
        return bytes.bytes
    }

    /// The head of record `number`.
    static func record(_ frame: RecordedFrame, number: Int) -> [UInt8] {
        var bytes = ByteFields(count: recordByteCount)
        let header = frame.header
        bytes.put(frameMark, at: 0)
        bytes.put((header.hasError ? 1 : 0) | (header.hasEncoder ? 2 : 0) as UInt32, at: 4)
        bytes.put(UInt64(frame.bytes.count), at: 8)
        bytes.put(UInt64(number), at: 16)
        bytes.put(Array((frame.isJPEG ? "MJPG" : frame.format.pixelFormat.rawValue).utf8), at: 24)
        bytes.put(UInt32(frame.format.size.width), at: 32)
        bytes.put(UInt32(frame.format.size.height), at: 36)
        bytes.put(UInt32(frame.format.bytesPerRow), at: 40)
        bytes.put([header.camera, header.lineFlags.rawValue], at: 44)
        bytes.put(header.sequence, at: 48)
        bytes.put(header.lostCount, at: 52)
        bytes.put(UInt64(bitPattern: header.driverNanoseconds), at: 56)
        bytes.put(UInt64(bitPattern: header.arrivalNanoseconds), at: 64)
        bytes.put(header.bytesUsed, at: 72)
        bytes.put(UInt32(bitPattern: header.encoder), at: 76)
        bytes.put(header.firstLine, at: 80)
        bytes.put(header.validLineCount, at: 88)
        bytes.put(frame.format.framesPerSecond.bitPattern, at: 96)
        bytes.put(frame.checksum, at: 112)
        bytes.seal(at: 120)
        return bytes.bytes
    }

    /// The last record of a recording of `count` frames.
    static func end(count: Int) -> [UInt8] {
        var bytes = ByteFields(count: recordByteCount)
        bytes.put(endMark, at: 0)
        bytes.put(UInt64(count), at: 16)
        bytes.seal(at: 120)
        return bytes.bytes
    }
}

/// Bytes of a fixed count, written field by field.
private struct ByteFields {
    var bytes: [UInt8]

    init(count: Int) { bytes = Array(repeating: 0, count: count) }

    mutating func put(_ value: some FixedWidthInteger & UnsignedInteger, at offset: Int) {
        for index in 0..<value.bitWidth / 8 {
            bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index))
        }
    }

    mutating func put(_ text: [UInt8], at offset: Int) {
        for index in text.indices { bytes[offset + index] = text[index] }
    }

    /// Puts the checksum of all that lies before `offset` there.
    mutating func seal(at offset: Int) {
        put(unsafe XXHash64.checksum(of: bytes.span.bytes.extracting(first: offset)), at: offset)
    }
}
