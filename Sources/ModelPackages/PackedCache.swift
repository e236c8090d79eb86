// PACKED CACHE
//
// Weights in the order in which one instruction set reads them, so that loading a model is one read instead
// of packing.
//
//    0   "LWPACKED"
//    8   form of this header, UInt32: 1
//   12   version of the packed layout, UInt32
//   16   byte count of the payload, UInt64
//   24   checksum of the payload, UInt64
//   32   SHA-256 over the package's digest, the instruction set's name, a zero byte and the layout version
//   64   payload, to the end of the file
//
// Numbers are little-endian. A cache is used if and only if all of this is as expected. Nothing is ever lost
// with it.

import Glibc
import Platform

/// The file that keeps the packed weights of one package for one instruction set and layout version.
public struct PackedCache: Sendable, Hashable {
    private static let headerByteCount = 64

    /// Where the cache lies, whether or not it is there.
    public let path: String
    private let layout: UInt32
    private let key: [UInt8]

    /// - Parameters:
    ///   - directory: where caches are kept; `store` creates it.
    ///   - digest: of the package.
    ///   - instructions: the name of the instruction set, such as "avx512vnni". It becomes part of the file's
    ///     name.
    ///   - layout: to be raised whenever the packing code writes something else.
    public init(in directory: String, digest: PackageDigest, instructions: String, layout: UInt32) {
        self.layout = layout
        key = PackageDigest(of: digest.bytes + Array(instructions.utf8) + [0] + littleEndian(layout)).bytes
        path = "\(directory)/\(digest.description.prefix(16))-\(instructions)-\(layout).packed"
    }

    /// Reads the cached weights into `payload`, straight from the file. Allocates only a few hundred bytes;
    /// blocks.
    ///
    /// Returns false if there is no cache, or it is for something else, of another length, cut short or
    /// damaged. Then the content of `payload` is unspecified.
    public func load(into payload: UnsafeMutableRawBufferPointer) -> Bool {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }

        var header = [UInt8](repeating: 0, count: Self.headerByteCount)
        guard unsafe header.withUnsafeMutableBytes({ unsafe fill($0, from: descriptor) }) else {
            return false
        }
        // The checksum is compared last; everything else is known before the payload is read.
        let checksum = Array(header[24..<32])
        guard header == self.header(byteCount: payload.count, checksum: checksum) else { return false }
        guard unsafe fill(payload, from: descriptor), isAtEnd(descriptor) else { return false }
        return unsafe littleEndian(payloadChecksum(UnsafeRawBufferPointer(payload))) == checksum
    }

    /// Writes `payload` as the cache in one durable step. Blocks until it is on disk.
    ///
    /// Throws `unwritable`, and then an older cache is as it was.
    public func store(_ payload: UnsafeRawBufferPointer) throws(ModelPackageError) {
        let header = header(byteCount: payload.count, checksum: littleEndian(unsafe payloadChecksum(payload)))
        do {
            try createFolder(folder(of: path))
            var file = try FileReplacement(of: path)
            try unsafe file.append(header.span.bytes)  // UInt8 has no padding bytes
            try unsafe file.append(payload.bytes)  // the caller keeps the payload until the call returns
            try file.commit()
        } catch { throw .unwritable(error) }
    }

    private func header(byteCount: Int, checksum: [UInt8]) -> [UInt8] {
        Array("LWPACKED".utf8) + littleEndian(UInt32(1)) + littleEndian(layout)
            + littleEndian(UInt64(byteCount))
            + checksum + key
    }
}

/// Reads until `buffer` is full. Returns false if the file ends before or refuses.
private func fill(_ buffer: UnsafeMutableRawBufferPointer, from descriptor: Int32) -> Bool {
    var offset = 0
    while offset < buffer.count {
        let count = unsafe read(descriptor, buffer.baseAddress! + offset, buffer.count - offset)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { return false }
        offset += count
    }
    return true
}

private func isAtEnd(_ descriptor: Int32) -> Bool {
    var byte: UInt8 = 0
    return unsafe read(descriptor, &byte, 1) == 0
}

private func littleEndian<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
}

/// A checksum against damage, not against intent: in eight lanes of 64 bits, the sum of the words and the sum
/// of those sums (Fletcher's two sums, modulo 2^64), then all sixteen folded. Additions only, so it runs at
/// the speed of memory. A change of a single word always changes it; moved blocks do through the second sum.
func payloadChecksum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    typealias Lanes = SIMD8<UInt64>
    var sum = Lanes()
    var sumOfSums = Lanes()
    let whole = bytes.count / 64 * 64
    // Every load lies inside bytes: whole is a multiple of 64 that does not exceed its count.
    for offset in stride(from: 0, to: whole, by: 64) {
        sum &+= unsafe bytes.baseAddress!.loadUnaligned(fromByteOffset: offset, as: Lanes.self)
        sumOfSums &+= sum
    }
    var tail = Lanes()
    for offset in whole..<bytes.count {
        let position = offset - whole
        tail[position / 8] |= unsafe UInt64(bytes[offset]) << (position % 8 * 8)
    }
    sum &+= tail
    sumOfSums &+= sum

    var hash = UInt64(bytes.count)
    for lane in 0..<8 {
        hash = (hash ^ sum[lane]) &* 0x9E37_79B9_7F4A_7C15
        hash = (hash ^ (hash >> 32) ^ sumOfSums[lane]) &* 0xBF58_476D_1CE4_E5B9
        hash ^= hash >> 29
    }
    return hash
}
