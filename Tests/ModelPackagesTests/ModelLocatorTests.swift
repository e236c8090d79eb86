import FoundationEssentials
import ModelPackages
import Testing

@Suite("Finding model packages")
struct ModelLocatorTests {
    /// Makes folders that look like packages: "a/x" holds a manifest.
    private func folder(with packages: [String]) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for package in packages {
            let path = folder.path + "/" + package
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try overwrite(path + "/manifest.json", [])
        }
        return folder
    }

    @Test("the search path replaces the defaults, unless it is missing or names nothing")
    func searchPath() {
        #expect(ModelLocator(searchPath: "/a:/b c", defaults: ["/d"]).directories == ["/a", "/b c"])
        #expect(ModelLocator(searchPath: ":/a::", defaults: ["/d"]).directories == ["/a"])
        for nothing in [nil, "", ":"] {
            #expect(ModelLocator(searchPath: nothing, defaults: ["/d", "/e"]).directories == ["/d", "/e"])
        }
    }

    @Test("the first directory that has a package wins, in finding and in listing")
    func order() throws {
        let folder = try folder(with: ["a/x", "b/x", "b/y", "b/.z", "a/empty/inner"])
        let (a, b) = (folder.path + "/a", folder.path + "/b")
        let locator = ModelLocator(searchPath: "/nowhere:\(a):\(b)", defaults: [])
        #expect(try locator.find("x") == a + "/x")
        #expect(try locator.find("y") == b + "/y")
        #expect(locator.list().map(\.name) == ["x", "y"])
        #expect(locator.list().map(\.path) == [a + "/x", b + "/y"])
        let reversed = ModelLocator(searchPath: "\(b):\(a)", defaults: [])
        #expect(reversed.list().map(\.path) == [b + "/x", b + "/y"])
    }

    @Test("a name that is nowhere is refused with the directories that were searched")
    func notFound() throws {
        let folder = try folder(with: ["a/x", "a/.hidden", "manifest"])
        let locator = ModelLocator(searchPath: folder.path + "/a", defaults: [])
        for name in ["y", "", ".hidden", "..", "."] {
            #expect(throws: ModelPackageError.notFound(name: name, searched: [folder.path + "/a"])) {
                try locator.find(name)
            }
        }
        #expect(
            ModelPackageError.notFound(name: "y", searched: ["/a", "/b"]).description
                == "there is no model 'y' in '/a', '/b'. "
                + "Import it or set LINEWATCH_MODELS to the folder that holds it."
        )
    }

    @Test("a name with a slash is the path of a package")
    func path() throws {
        let folder = try folder(with: ["a/x"])
        let locator = ModelLocator(searchPath: "/nowhere", defaults: [])
        #expect(try locator.find(folder.path + "/a/x") == folder.path + "/a/x")
        #expect(throws: ModelPackageError.notAPackage(directory: folder.path + "/a")) {
            try locator.find(folder.path + "/a")
        }
    }
}
