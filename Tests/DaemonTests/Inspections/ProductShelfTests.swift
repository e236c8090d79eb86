import Daemon
import Foundation
import Platform
import Testing

@Suite("the shelf of taught products")
struct ProductShelfTests {
    @Test("knows the current product and the one before, and exchanges them")
    func rollBack() throws {
        let folder = try StateFolder()
        let shelf = ProductShelf(folder: folder.path)
        let (a, b) = (shelf.models + "/aaaa", shelf.models + "/bbbb")
        #expect(shelf.directory(of: "weld") == nil)
        #expect(throws: PlatformError.self) { try shelf.rollBack("weld") }
        try shelf.activate(a, for: "weld")
        #expect(shelf.directory(of: "weld") == a && shelf.directory(of: "weld", previous: true) == nil)
        #expect(throws: PlatformError.self) { try shelf.rollBack("weld") }
        #expect(shelf.directory(of: "weld") == a)
        for _ in 0..<2 {
            try shelf.activate(b, for: "weld")
            #expect(shelf.directory(of: "weld") == b && shelf.directory(of: "weld", previous: true) == a)
        }
        #expect(try shelf.rollBack("weld") == a)
        #expect(shelf.directory(of: "weld") == a && shelf.directory(of: "weld", previous: true) == b)
        #expect(try shelf.rollBack("weld") == b)
        #expect(shelf.directory(of: "weld") == b && shelf.directory(of: "weld", previous: true) == a)
        // Others know nothing of it.
        #expect(shelf.directory(of: "seam") == nil)
    }

    @Test(
        "a return lets the very links change places, so that no moment has one product twice and one nowhere")
    func oneStep() throws {
        let folder = try StateFolder()
        let shelf = ProductShelf(folder: folder.path)
        try shelf.activate(shelf.models + "/aaaa", for: "weld")
        try shelf.activate(shelf.models + "/bbbb", for: "weld")
        let own = folder.path + "/inspections/weld"
        func file(_ name: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: own + "/" + name)[.systemFileNumber] as? Int
        }
        let (current, previous) = (try file("current"), try file("previous"))
        #expect(current != previous)
        #expect(try shelf.rollBack("weld") == shelf.models + "/aaaa")
        // A link that was made anew would be another file.
        #expect(try file("current") == previous && file("previous") == current)
        #expect(try FileManager.default.contentsOfDirectory(atPath: own).sorted() == ["current", "previous"])

        try FileManager.default.removeItem(atPath: own + "/current")
        #expect(try shelf.rollBack("weld") == shelf.models + "/bbbb")
        #expect(shelf.directory(of: "weld") == shelf.models + "/bbbb")
    }

    @Test("links lead from where they lie to the package, whatever was left half-done before")
    func links() throws {
        let folder = try StateFolder()
        let shelf = ProductShelf(folder: folder.path)
        let package = shelf.models + "/cccc"
        try FileManager.default.createDirectory(atPath: package, withIntermediateDirectories: true)
        let own = folder.path + "/inspections/weld"
        try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
        // Left by a crash between making the link and renaming it.
        for name in ["current.new", "previous.new"] {
            try FileManager.default.createSymbolicLink(
                atPath: own + "/" + name, withDestinationPath: "../../models/torn")
        }
        #expect(shelf.directory(of: "weld") == nil)
        try shelf.activate(package, for: "weld")
        #expect(shelf.directory(of: "weld") == package)
        // A crash after the first of two links: the present one is still current.
        try FileManager.default.createSymbolicLink(
            atPath: own + "/previous", withDestinationPath: "../../models/cccc")
        try shelf.activate(shelf.models + "/dddd", for: "weld")
        #expect(shelf.directory(of: "weld", previous: true) == package)
        #expect(try shelf.rollBack("weld") == package)
        let names = try FileManager.default.contentsOfDirectory(atPath: own + "/current")
        #expect(names.isEmpty)
    }

    @Test("a link that leads nowhere in particular names no package outside the shelf")
    func strayLink() throws {
        let folder = try StateFolder()
        let shelf = ProductShelf(folder: folder.path)
        let own = folder.path + "/inspections/weld"
        try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: own + "/current", withDestinationPath: "/etc/eeee")
        #expect(shelf.directory(of: "weld") == shelf.models + "/eeee")
    }

    @Test("remembers thresholds and the recipe exactly, and takes half a line for none")
    func choices() throws {
        let folder = try StateFolder()
        let shelf = ProductShelf(folder: folder.path)
        #expect(shelf.threshold(of: "weld") == nil && shelf.recipe == nil)
        for chosen in [ProductShelf.Chosen.ppm(1_234), .raw(0.1), .raw(.leastNonzeroMagnitude), .ppm(0)] {
            try shelf.set(chosen, for: "weld")
            #expect(shelf.threshold(of: "weld") == chosen)
        }
        try shelf.set(recipe: 65_535)
        #expect(shelf.recipe == 65_535)
        for text in ["", "raw", "raw x\n", "ppm\n", "ppm 1.5\n", "raw 1 2\n", "ppm 7 raw\n", "\u{0}\u{0}"] {
            try Data(text.utf8).write(to: URL(filePath: folder.path + "/inspections/weld/threshold"))
            #expect(shelf.threshold(of: "weld") == nil, "\(text)")
            try Data(text.utf8).write(to: URL(filePath: folder.path + "/recipe"))
            #expect(shelf.recipe == nil, "\(text)")
        }
    }
}
