// SCORES OF A CALIBRATION (column `scores`), little-endian
//
//       0   the bytes "LWC1"
//       4   count p of parts, UInt32
//       8   count s of leave-one-out scores, UInt32
//      12   p times: score Float32, UTC milliseconds Int64, UInt8 1 reference or 0
//  12+13p   s times: score Float32
//
// The bytes are valid if and only if they begin so, are 12 + 13p + 4s long, all scores are finite, and every last
// byte of a part is 0 or 1. Another layout gets another first word.

/// The scores of a calibration as the bytes of its row.
package struct CalibrationScores: Hashable, Sendable {
    package var parts: [StoredCalibration.Part]
    package var leaveOneOut: [Float]

    private static let magic = Array("LWC1".utf8)
    private static let partSize = 13

    package init(parts: [StoredCalibration.Part], leaveOneOut: [Float]) {
        (self.parts, self.leaveOneOut) = (parts, leaveOneOut)
    }

    package var encoded: [UInt8] {
        var bytes = Self.magic
        bytes.reserveCapacity(12 + Self.partSize * parts.count + 4 * leaveOneOut.count)
        Self.append(UInt32(parts.count), to: &bytes)
        Self.append(UInt32(leaveOneOut.count), to: &bytes)
        for part in parts {
            Self.append(part.score.bitPattern, to: &bytes)
            Self.append(UInt64(bitPattern: part.timeMilliseconds), to: &bytes)
            bytes.append(part.isReference ? 1 : 0)
        }
        for score in leaveOneOut { Self.append(score.bitPattern, to: &bytes) }
        return bytes
    }

    /// Reads `bytes`; nil if the writer cannot have made them.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count >= 12, bytes.starts(with: Self.magic) else { return nil }
        let partCount = Int(Self.read(UInt32.self, bytes, at: 4))
        let scoreCount = Int(Self.read(UInt32.self, bytes, at: 8))
        let scoresStart = 12 + Self.partSize * partCount
        guard bytes.count == scoresStart + 4 * scoreCount else { return nil }
        parts = []
        leaveOneOut = []
        for offset in stride(from: 12, to: scoresStart, by: Self.partSize) {
            let score = Float(bitPattern: Self.read(UInt32.self, bytes, at: offset))
            let time = Int64(bitPattern: Self.read(UInt64.self, bytes, at: offset + 4))
            let mark = bytes[offset + 12]
            guard score.isFinite, mark <= 1 else { return nil }
            parts.append(.init(score: score, timeMilliseconds: time, isReference: mark == 1))
        }
        for offset in stride(from: scoresStart, to: bytes.count, by: 4) {
            let score = Float(bitPattern: Self.read(UInt32.self, bytes, at: offset))
            guard score.isFinite else { return nil }
            leaveOneOut.append(score)
        }
    }

    private static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        for shift in stride(from: 0, to: value.bitWidth, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    private static func read<Value: FixedWidthInteger>(
        _: Value.Type, _ bytes: [UInt8], at offset: Int
    ) -> Value {
        (0..<Value.bitWidth / 8).reduce(0) { $0 | Value(truncatingIfNeeded: bytes[offset + $1]) << (8 * $1) }
    }
}
