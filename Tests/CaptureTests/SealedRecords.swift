import Platform

/// Heads of records whose checksum is right whatever they say: damage that only a reader's own checks find.
enum SealedRecords {
    /// Writes `value` at `offset` of the head of the first record and seals it again.
    static func write(_ value: Int, into file: inout [UInt8], at offset: Int) {
        guard file.count >= 64 + 128 else { return }
        for index in 0..<4 { file[64 + offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
        let head = Array(file[64..<64 + 120])
        let checksum = unsafe XXHash64.checksum(of: head.span.bytes)
        for index in 0..<8 { file[64 + 120 + index] = UInt8(truncatingIfNeeded: checksum >> (8 * index)) }
    }
}
