import Evaluation
import FoundationEssentials
import Imaging
import ModelPackages

/// A folder of labelled images: what its manifest lists, or what its folders say.
struct ImageCollection {
    /// The folder that the paths of the manifest are relative to.
    let folder: String
    /// Only the rows whose images lie in the folder that was asked for.
    let manifest: DataSetManifest
    /// The SHA-256 of the manifest's bytes; nil where there is none.
    let digest: String?
    /// Folders of a class that have no image, relative to `folder`; none are known where there is a manifest.
    let emptyClasses: [String]

    /// Looks for MANIFEST.csv in `folder`, then in its parent, then for the folders of MVTec AD.
    ///
    /// Blocks; without a manifest it reads every image, to know those that are the same file.
    init(folder: String) throws {
        let asked = URL(filePath: folder).standardizedFileURL
        let homes = [asked, asked.deletingLastPathComponent()]
        let name = "MANIFEST.csv"
        guard
            let home = homes.first(where: {
                FileManager.default.fileExists(atPath: $0.appending(path: name).path)
            })
        else {
            self.folder = asked.path
            manifest = try Self.rows(of: asked)
            digest = nil
            emptyClasses = Self.emptyClasses(of: asked, manifest)
            return
        }
        let path = home.appending(path: name).path
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        digest = PackageDigest(of: bytes).description
        (self.folder, emptyClasses) = (home.path, [])
        let all = try DataSetManifest(csv: bytes, path: path)
        let prefix = home == asked ? "" : asked.lastPathComponent + "/"
        manifest = DataSetManifest(rows: all.rows.filter { $0.path.hasPrefix(prefix) })
    }

    /// The folders test/TYPE and train/good in `folder`, or in one of its own, of which `manifest` has no image.
    private static func emptyClasses(of folder: URL, _ manifest: DataSetManifest) -> [String] {
        let paths = (try? FileManager.default.subpathsOfDirectory(atPath: folder.path)) ?? []
        return paths.sorted().filter { path in
            let parts = path.split(separator: "/")
            guard [2, 3].contains(parts.count), let part = parts.dropLast().last else { return false }
            var isFolder = false
            guard part == "test" || part == "train" && parts.last == "good",
                FileManager.default.fileExists(atPath: folder.path + "/" + path, isDirectory: &isFolder)
            else { return false }
            return isFolder && !manifest.rows.contains { $0.path.hasPrefix(path + "/") }
        }
    }

    private static func rows(of folder: URL) throws -> DataSetManifest {
        let paths = try? FileManager.default.subpathsOfDirectory(atPath: folder.path)
        let found = DataSetManifest(paths: paths ?? [], name: folder.lastPathComponent)
        guard !found.rows.isEmpty else { throw ImageCollectionError(folder: folder.path) }
        return DataSetManifest(
            rows: found.rows.map { row in
                var row = row
                // What cannot be read is named when it is scored.
                if let bytes = try? ImageFile.bytes(of: folder.path + "/" + row.path) {
                    row.sha256 = PackageDigest(of: bytes).description
                }
                return row
            })
    }
}

/// A folder holds no data set.
struct ImageCollectionError: Error, CustomStringConvertible {
    let folder: String

    var description: String {
        "'\(folder)' has no MANIFEST.csv, nor has the folder above it, and no folders train/good and test. "
            + "Give the folder of the data sets with --data."
    }
}
