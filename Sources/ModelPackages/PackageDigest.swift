import Crypto
public import Platform

/// A SHA-256, which names a package by its content.
public struct PackageDigest: Sendable, Hashable, CustomStringConvertible {
    /// The 32 bytes.
    public let bytes: [UInt8]

    /// The digest of `content`.
    public init(of content: [UInt8]) {
        bytes = Array(SHA256.hash(data: content))
    }

    /// The digest of the file at `path`. Reads it once; throws if it cannot be mapped.
    public init(ofFile path: String) throws(PlatformError) {
        self.init(of: try MappedFile(path))
    }

    /// The digest of the whole of `file`. Reads it once.
    init(of file: MappedFile) {
        var hash = SHA256()
        // The bytes are valid as long as the file, which outlives the call.
        unsafe file.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
        bytes = Array(hash.finalize())
    }

    /// The 64 hexadecimal digits, small letters.
    public var description: String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
