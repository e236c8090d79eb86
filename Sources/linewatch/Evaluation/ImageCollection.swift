import Evaluation
import FoundationEssentials
import ModelPackages

/// A folder of labelled images with its manifest.
struct ImageCollection {
    /// The folder that the paths of the manifest are relative to.
    let folder: String
    /// Only the rows whose images lie in the folder that was asked for.
    let manifest: DataSetManifest
    /// The SHA-256 of the manifest's bytes.
    let digest: String

    /// Looks for MANIFEST.csv in `folder`, then in its parent.
    init(folder: String) throws {
        let asked = URL(filePath: folder).standardizedFileURL
        let homes = [asked, asked.deletingLastPathComponent()]
        let name = "MANIFEST.csv"
        guard
            let home = homes.first(where: {
                FileManager.default.fileExists(atPath: $0.appending(path: name).path)
            })
        else { throw ImageCollectionError(folder: folder) }
        let path = home.appending(path: name).path
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        digest = PackageDigest(of: bytes).description
        self.folder = home.path
        let all = try DataSetManifest(csv: bytes, path: path)
        let prefix = home == asked ? "" : asked.lastPathComponent + "/"
        manifest = DataSetManifest(rows: all.rows.filter { $0.path.hasPrefix(prefix) })
    }
}

/// A folder has no manifest.
struct ImageCollectionError: Error, CustomStringConvertible {
    let folder: String

    var description: String {
        "'\(folder)' has no MANIFEST.csv, nor has the folder above it. Give the folder of the data sets with --data."
    }
}
