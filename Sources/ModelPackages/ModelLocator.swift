import FoundationEssentials
import Glibc
import Platform

/// The folders that are searched for model packages, the first one first.
public struct ModelLocator: Sendable, Hashable {
    /// The folders, in the order of the search.
    public let directories: [String]

    /// The folders in `searchPath`, separated by colons, or `defaults` if it is nil or names none.
    public init(searchPath: String?, defaults: [String]) {
        let directories = (searchPath ?? "").split(separator: ":").map(String.init)
        self.directories = directories.isEmpty ? defaults : directories
    }

    /// The folders in the environment's LINEWATCH_MODELS, or `defaults` if it is not set.
    public init(defaults: [String]) {
        // The text is copied before anything else can change the environment.
        let searchPath = unsafe getenv("LINEWATCH_MODELS").map { unsafe String(cString: $0) }
        self.init(searchPath: searchPath, defaults: defaults)
    }

    /// The folder of the package `name`, in the first directory that has it. A name with a slash is itself
    /// the path of a package. Throws `notFound`. The package is not opened.
    public func find(_ name: String) throws(ModelPackageError) -> String {
        if name.contains("/") {
            guard isPackage(name) else { throw .notAPackage(directory: name) }
            return name
        }
        guard let path = directories.map({ $0 + "/" + name }).first(where: isPackage), !name.hasPrefix(".")
        else {
            throw .notFound(name: name, searched: directories)
        }
        return path
    }

    /// The names and folders of all packages, sorted by name; of those with the same name, the one that
    /// `find` finds. Directories that are missing or unreadable hold none. Hidden folders are no packages.
    public func list() -> [(name: String, path: String)] {
        var packages: [String: String] = [:]
        for directory in directories {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
            for name in names where packages[name] == nil && !name.hasPrefix(".") {
                let path = directory + "/" + name
                if isPackage(path) { packages[name] = path }
            }
        }
        return packages.sorted { $0.key < $1.key }.map { (name: $0.key, path: $0.value) }
    }

    private func isPackage(_ path: String) -> Bool {
        // The path is a valid C string for the call.
        unsafe access(path + "/" + ModelPackage.manifestName, F_OK) == 0
    }
}
