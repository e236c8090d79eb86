import Platform
public import Tensors

/// Collects the parts of a model package and writes it in one step.
public struct ModelPackageWriter: Sendable {
    /// What the package says about itself. Its list of files is made when it is written.
    public var manifest: Manifest
    private let weights: WeightFileWriter
    private var files: [String: [UInt8]] = [:]

    /// A package of `weights` alone.
    public init(_ manifest: Manifest, weights: WeightFileWriter) {
        self.manifest = manifest
        self.weights = weights
    }

    /// Adds a file such as "vocab.txt" or "MODEL.md", in the place of one of the same name.
    ///
    /// - Parameter path: relative to the package's folder; folders in it are created. An unsuitable one is
    ///   refused by `write`.
    public mutating func add(_ path: String, _ bytes: [UInt8]) {
        files[path] = bytes
    }

    /// Writes the package to the folder `directory` and opens it. Blocks until it is on disk.
    ///
    /// The files go to a hidden folder beside `directory`, which is opened and checked with all hashes before
    /// it is renamed: what the reader would refuse is never published, and a package is there completely or
    /// not at all. Throws what the reader would throw, `exists` if something is at `directory` and it is not
    /// to be replaced, or `unwritable`; then `directory` is as it was.
    @discardableResult
    public func write(to directory: String, replacing: Bool) throws(ModelPackageError) -> ModelPackage {
        var contents = files
        contents[ModelPackage.weightsName] = weights.bytes()
        let paths = contents.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let manifest = try listed(paths, contents, directory)

        do {
            let target = try FolderReplacement(of: directory)
            for path in paths {
                let place = target.temporaryPath + "/" + path
                try createFolder(folder(of: place))
                try writeAtomically(place, contents[path] ?? [])
            }
            try writeAtomically(target.temporaryPath + "/" + ModelPackage.manifestName, manifest)
            _ = try ModelPackage(opening: target.temporaryPath, verifyingHashes: true)
            guard try target.commit(replacing: replacing) else {
                throw ModelPackageError.exists(path: directory)
            }
        } catch let error as PlatformError {
            throw .unwritable(error)
        } catch let error as ModelPackageError {
            throw error
        } catch {
            preconditionFailure("writing a package threw \(error)")
        }
        return try ModelPackage(opening: directory, verifyingHashes: false)
    }

    /// The digest that the package will have. Throws what `write` would throw of the manifest.
    public func digest() throws(ModelPackageError) -> PackageDigest {
        var contents = files
        contents[ModelPackage.weightsName] = weights.bytes()
        let paths = contents.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return PackageDigest(of: try listed(paths, contents, "the new package"))
    }

    /// The bytes of the manifest with its list of files. Throws if anything in it is not allowed.
    private func listed(
        _ paths: [String], _ contents: [String: [UInt8]], _ directory: String
    ) throws(ModelPackageError) -> [UInt8] {
        var manifest = manifest
        manifest.files = paths.map { path in
            let bytes = contents[path] ?? []
            return .init(path: path, bytes: bytes.count, sha256: PackageDigest(of: bytes).description)
        }
        let path = directory + "/" + ModelPackage.manifestName
        try manifest.check(path: path)
        return try manifest.json(path: path)
    }
}
