// MODEL PACKAGE
//
//   NAME/manifest.json         what the package is, and size and SHA-256 of every other file (`Manifest`)
//   NAME/weights.safetensors   the tensors, memory-mapped (`WeightFile`)
//   NAME/...                   what else the manifest lists: tokenizer files, MODEL.md
//   NAME/manifest.sig          optional: the Ed25519 signature of manifest.json's bytes (`PackageSignature`)
//
// Files that the manifest does not list are not part of the package and never read.

import Glibc
public import Platform
public import Tensors

/// A model on disk, checked and ready to build a graph from.
public struct ModelPackage: Sendable {
    static let manifestName = "manifest.json"
    static let weightsName = "weights.safetensors"

    /// The folder of the package.
    public let directory: String
    /// What the package says about itself.
    public let manifest: Manifest
    /// The SHA-256 of the manifest's bytes, and so, through the hashes in it, of the whole package.
    public let digest: PackageDigest
    /// The tensors of `weights.safetensors`. Every `*.scale` is finite and above 0, every `*.zero_point`
    /// 0 to 255.
    public let weights: WeightFile

    /// Opens and checks the package in the folder `directory`. Throws the first thing that is wrong with it.
    ///
    /// Checks the manifest, that every listed file is inside the folder and has its size, the header of the
    /// weights and their scales and zero points.
    ///
    /// - Parameter verifyingHashes: whether to read every file and compare its SHA-256 too, which takes half
    ///   a millisecond per megabyte. Do so at least once after a package arrived from elsewhere.
    public init(opening directory: String, verifyingHashes: Bool) throws(ModelPackageError) {
        let bytes = try Self.manifestBytes(in: directory)
        let manifest = try Manifest(json: bytes, path: directory + "/" + Self.manifestName)
        self.directory = directory
        self.manifest = manifest
        digest = PackageDigest(of: bytes)

        var weightsFile: MappedFile?
        for file in manifest.files {
            let mapped = try Self.open(file, in: directory)
            if verifyingHashes {
                let found = PackageDigest(of: mapped).description
                guard found == file.sha256 else {
                    throw .wrongHash(path: directory + "/" + file.path, expected: file.sha256, found: found)
                }
            }
            if file.path == Self.weightsName { weightsFile = mapped }
        }
        let path = directory + "/" + Self.weightsName
        guard let weightsFile else { throw .missingFile(path: path) }
        do {
            weights = try WeightFile(weightsFile, path: path)
        } catch { throw .weights(error) }
        try checkScales()
        try checkZeroPoints()
    }

    /// Maps the file `path` of the package, such as "vocab.txt".
    ///
    /// Throws `unlisted` if the manifest does not list it, or what has become wrong with it since the package
    /// was opened.
    public func file(_ path: String) throws(ModelPackageError) -> MappedFile {
        guard let file = manifest.files.first(where: { $0.path == path }) else {
            throw .unlisted(directory: directory, file: path)
        }
        return try Self.open(file, in: directory)
    }

    /// The bytes of the manifest in `directory`. Throws `notAPackage` if there is none.
    static func manifestBytes(in directory: String) throws(ModelPackageError) -> [UInt8] {
        do {
            let file = try MappedFile(directory + "/" + manifestName)
            return unsafe file.withUnsafeBytes { unsafe Array($0) }
        } catch PlatformError.refused(_, _, ENOENT), PlatformError.refused(_, _, ENOTDIR) {
            throw .notAPackage(directory: directory)
        } catch {
            throw .unreadable(error)
        }
    }

    /// Maps a listed file. Throws if it is missing, is a link out of the folder, or has another size.
    private static func open(_ file: Manifest.File, in directory: String) throws(ModelPackageError)
        -> MappedFile
    {
        let path = directory + "/" + file.path
        guard let target = resolved(path) else { throw .missingFile(path: path) }
        guard let folder = resolved(directory), target.hasPrefix(folder == "/" ? "/" : folder + "/") else {
            throw .leavesPackage(path: path)
        }
        let mapped: MappedFile
        do { mapped = try MappedFile(target) } catch { throw .unreadable(error) }
        guard mapped.byteCount == file.bytes else {
            throw .wrongByteCount(path: path, expected: file.bytes, found: mapped.byteCount)
        }
        return mapped
    }

    /// `path` with all links followed, or nil if it leads nowhere.
    private static func resolved(_ path: String) -> String? {
        // realpath allocates its result; it is copied and given back here.
        guard let target = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(target) }
        return unsafe String(cString: target)
    }

    private func checkScales() throws(ModelPackageError) {
        for name in weights.names where name.hasSuffix(".scale") {
            let scales: [Float]
            do { scales = try weights.floats(name) } catch { throw .weights(error) }
            if let index = scales.firstIndex(where: { $0 <= 0 }) {
                throw .invalidScale(path: weights.path, tensor: name, index: index, value: scales[index])
            }
        }
    }

    private func checkZeroPoints() throws(ModelPackageError) {
        for name in weights.names
        where name.hasSuffix(".zero_point") && weights.tensor(name)?.elementType != .uint8 {
            let zeroPoints: [Int32]
            do { zeroPoints = try weights.int32(name) } catch { throw .weights(error) }
            if let index = zeroPoints.firstIndex(where: { !(0...255 ~= $0) }) {
                throw .invalidZeroPoint(
                    path: weights.path, tensor: name, index: index, value: zeroPoints[index])
            }
        }
    }
}
