import Glibc
import Imaging
import Testing

/// Folders of images.
struct ImageFolderTests {
    @Test("the images of a folder come sorted by name; other files and folders do not come")
    func sorted() throws {
        let folder = TemporaryFolder()
        for name in ["b.png", "a.JPG", "c.jpeg", "notes.txt", ".hidden.png", "10.png", "9.png"] {
            folder.write([1], to: name)
        }
        let inner = "\(folder.path)/d.png"
        #expect(unsafe mkdir(inner, 0o700) == 0)
        let names = ["10.png", "9.png", "a.JPG", "b.png", "c.jpeg"]
        #expect(try ImageFolder.images(in: folder.path) == names.map { "\(folder.path)/\($0)" })
        #expect(try ImageFolder.images(in: folder.path + "/") == names.map { "\(folder.path)/\($0)" })
    }

    @Test("an empty folder, a missing one and a file say what they are")
    func refusals() throws {
        let folder = TemporaryFolder()
        #expect(throws: ImagingError.noImages(path: folder.path)) { try ImageFolder.images(in: folder.path) }
        let file = folder.write([1], to: "notes.txt")
        #expect(throws: ImagingError.unreadable(path: file, reason: "not a directory")) {
            try ImageFolder.images(in: file)
        }
        #expect(throws: ImagingError.unreadable(path: "/nowhere", reason: "no such file or directory")) {
            try ImageFolder.images(in: "/nowhere")
        }
        #expect(
            ImagingError.noImages(path: "x").description
                == "'x' holds no image. Put files named .png, .jpg or .jpeg there.")
    }
}
