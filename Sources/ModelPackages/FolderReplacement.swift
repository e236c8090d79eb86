import FoundationEssentials
import Glibc
import Platform

/// A folder being filled beside `path`, which takes its place in one step or not at all.
///
/// Until `commit`, or if anything fails, `path` is untouched, and letting the value go removes what was
/// written. A process that is killed leaves a folder with a hidden name, which nobody takes for a package.
struct FolderReplacement: ~Copyable {
    let path: String
    /// Where to write the files.
    let temporaryPath: String

    /// Creates the temporary folder in the folder of `path`, and that folder too if it is missing.
    init(of path: String) throws(PlatformError) {
        let parent = folder(of: path)
        if !parent.isEmpty { try createFolder(parent) }
        var random = SystemRandomNumberGenerator()
        let temporaryPath = parent + "/.linewatch-" + String(random.next(), radix: 36) + ".tmp"
        guard unsafe mkdir(temporaryPath, 0o755) == 0 else { throw .last("mkdir", path) }
        self.path = path
        self.temporaryPath = temporaryPath
    }

    /// Puts the folder in the place of `path`, durably. Blocks.
    ///
    /// Returns false, and leaves `path` as it is, if something is there and it is not to be replaced. With
    /// `replacing` the two folders change places in one step, and the old one is removed afterwards.
    consuming func commit(replacing: Bool) throws(PlatformError) -> Bool {
        if try !move(temporaryPath, toFree: path) {
            guard replacing else { return false }
            try exchange(temporaryPath, path)
        }
        try flushFolder(folder(of: path) + "/")
        return true
    }

    deinit {
        // Gone already if the rename found a free place; after an exchange this is the old folder.
        try? FileManager.default.removeItem(atPath: temporaryPath)
    }
}
