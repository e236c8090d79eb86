// MODEL BUNDLE
//
// A package as one file, to be carried to another box.
//
//      0   "LWBUNDLE"
//      8   form of this header, UInt32: 1
//     12   byte count s of the signature, UInt32: 0 without one, at most 4096
//     16   byte count m of the manifest, UInt64: 1...4,000,000
//     24   manifest.json
// 24 + m   manifest.sig, or manifest.json.minisig, told apart by its first words
//      .   every file that the manifest lists, in its order, without anything between them, to the end
//
// Numbers are little-endian. A bundle is valid if and only if the header is as above, the manifest is valid, and the
// sizes that it lists add up to the rest of the file. The only names in it are those of the manifest, which are
// refused there if they would leave the package's folder; their hashes are checked before the package is there.

import Glibc
import Platform

/// Writes a package as one file, and makes a package of such a file.
public struct PackageBundle: Sendable {
    private static let magic = Array("LWBUNDLE".utf8)
    private static let headerByteCount = 24
    private static let largestSignature = 4_096
    private static let largestManifest = 4_000_000

    /// What the package inside says about itself.
    public let manifest: Manifest
    /// The SHA-256 of the manifest's bytes, which names the package.
    public let digest: PackageDigest

    private let file: MappedFile
    private let path: String
    private let manifestRange: Range<Int>
    private let signatureRange: Range<Int>
    /// Where the bytes of each listed file lie.
    private let fileRanges: [Range<Int>]

    /// Reads the header and the manifest of the bundle at `path`; the files are not looked at yet.
    ///
    /// Throws `notABundle` with what is wrong, or what is wrong with the manifest.
    public init(opening path: String) throws(ModelPackageError) {
        do { file = try MappedFile(path) } catch { throw .unreadable(error) }
        self.path = path
        let header = Self.bytes(of: file, 0..<min(file.byteCount, Self.headerByteCount))
        guard header.count == Self.headerByteCount, header.starts(with: Self.magic) else {
            throw .notABundle(path: path, problem: "it does not begin as one")
        }
        guard Self.number(header[8..<12]) == 1 else {
            throw .notABundle(path: path, problem: "its form is not 1; update Linewatch")
        }
        let (signatureSize, manifestSize) = (Self.number(header[12..<16]), Self.number(header[16..<24]))
        guard signatureSize <= Self.largestSignature, 1...UInt64(Self.largestManifest) ~= manifestSize,
            UInt64(file.byteCount) - UInt64(Self.headerByteCount) >= signatureSize + manifestSize
        else { throw .notABundle(path: path, problem: "it is cut short or damaged at its beginning") }
        manifestRange = Self.headerByteCount..<Self.headerByteCount + Int(manifestSize)
        signatureRange = manifestRange.upperBound..<manifestRange.upperBound + Int(signatureSize)
        let bytes = Self.bytes(of: file, manifestRange)
        manifest = try Manifest(json: bytes, path: path + ": " + ModelPackage.manifestName)
        digest = PackageDigest(of: bytes)
        var ranges: [Range<Int>] = []
        var offset = signatureRange.upperBound
        for listed in manifest.files {
            guard listed.bytes >= 0, listed.bytes <= file.byteCount - offset else {
                throw .notABundle(path: path, problem: "it is cut short")
            }
            ranges.append(offset..<offset + listed.bytes)
            offset += listed.bytes
        }
        guard offset == file.byteCount else {
            throw .notABundle(path: path, problem: "there are bytes behind its last file")
        }
        fileRanges = ranges
    }

    /// Writes the package in the folder `directory` to the file `path` in one step, in the place of one that is there.
    ///
    /// Checks every hash on the way, and takes the signature along if there is one. Blocks until it is on disk.
    public static func write(packageAt directory: String, to path: String) throws(ModelPackageError) {
        let package = try ModelPackage(opening: directory, verifyingHashes: true)
        let manifest = try ModelPackage.manifestBytes(in: directory)
        let signature = PackageSignature.bytes(in: directory) ?? []
        do {
            var target = try FileReplacement(of: path)
            let header =
                magic + littleEndian(1, 4) + littleEndian(UInt64(signature.count), 4)
                + littleEndian(UInt64(manifest.count), 8)
            for part in [header, manifest, signature] {
                try unsafe target.append(part.span.bytes)  // UInt8 has no padding bytes
            }
            for listed in package.manifest.files {
                let file = try package.file(listed.path)
                try file.withBytes { bytes throws(PlatformError) in try target.append(bytes) }
            }
            try target.commit()
        } catch let error as PlatformError {
            throw .unwritable(error)
        } catch let error as ModelPackageError {
            throw error
        } catch {
            preconditionFailure("writing a bundle threw \(error)")
        }
    }

    /// Makes the package in the new folder `directory` in one step, after `check` has accepted it.
    ///
    /// The files go to a hidden folder beside it, which is opened and checked with all hashes, then handed to `check`.
    /// Throws what is wrong, what `check` throws, or `exists`; then nothing is left. Blocks until it is on disk.
    public func install(to directory: String, check: (ModelPackage) throws -> Void) throws {
        do {
            let target = try FolderReplacement(of: directory)
            for (listed, range) in zip(manifest.files, fileRanges) {
                let place = target.temporaryPath + "/" + listed.path
                try createFolder(folder(of: place))
                try file.withBytes { bytes throws(PlatformError) in
                    var copy = try FileReplacement(of: place)
                    // Inside the file: the ranges were checked against its size.
                    try copy.append(bytes.extracting(range))
                    try copy.commit()
                }
            }
            try writeAtomically(
                target.temporaryPath + "/" + ModelPackage.manifestName, Self.bytes(of: file, manifestRange))
            if !signatureRange.isEmpty {
                let signature = Self.bytes(of: file, signatureRange)
                try writeAtomically(
                    target.temporaryPath + "/" + PackageSignature.name(of: signature), signature)
            }
            try check(try ModelPackage(opening: target.temporaryPath, verifyingHashes: true))
            guard try target.commit(replacing: false) else { throw ModelPackageError.exists(path: directory) }
        } catch let error as PlatformError {
            throw ModelPackageError.unwritable(error)
        }
    }

    /// - Precondition: `range` lies inside the file.
    private static func bytes(of file: MappedFile, _ range: Range<Int>) -> [UInt8] {
        // The slice is copied while the file is mapped.
        unsafe file.withUnsafeBytes { unsafe Array($0[range]) }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func littleEndian(_ number: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: number >> (UInt64($0) * 8)) }
    }
}
