import Evaluation
import Foundation
import Imaging
import Kernels
import Testing
import Training

@Suite("pictures of data sets from outside")
struct CollectedPictureTests {
    /// A folder with two images of 64x64; the mask of one is of another size, that of the other fits.
    private final class Folder {
        let path = FileManager.default.temporaryDirectory.appending(path: "collected-\(UUID())").path

        init() throws {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            for (name, side, level) in [
                ("a.png", 64, 90), ("b.png", 64, 120), ("a-mask.png", 32, 255), ("b-mask.png", 64, 255),
                ("empty.png", 64, 0),
            ] {
                let image = try GreyImage(
                    size: Size(width: side, height: side),
                    pixels: Array(repeating: UInt8(level), count: side * side))
                try Data(image.encodedAsPNG()).write(to: URL(filePath: "\(path)/\(name)"))
            }
            try Data("no picture".utf8).write(to: URL(filePath: "\(path)/c.png"))
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        func pictures(_ rows: [(image: String, mask: String?)]) throws -> CollectedPictures {
            let lines = rows.map { row in
                "\(row.image),set,train,\(row.mask == nil ? "good" : "defective"),\(row.mask ?? "")"
            }
            let text = (["path,dataset,split,label,mask_path"] + lines).joined(separator: "\n")
            return CollectedPictures(
                rows: try DataSetManifest(csv: Array(text.utf8), path: "test").rows, folder: path, side: 64,
                seed: 1, nouns: [:], kernels: KernelTable(.best))
        }
    }

    @Test("that cannot be used are named once and replaced by others of the set")
    func leavingOut() throws {
        let folder = try Folder()
        let all = try folder.pictures([
            ("a.png", "a-mask.png"), ("b.png", "b-mask.png"), ("c.png", nil), ("b.png", "empty.png"),
        ])
        var faults = PictureFaults(isStrict: false)
        for index in 0..<24 {
            let picture = try all.picture(index, &faults)
            #expect(picture.isDefective)
        }
        #expect(Set(faults.all.map(\.path)) == ["a-mask.png", "c.png", "empty.png"] && faults.all.count == 3)
        let reason = try #require(faults.all.first { $0.path == "a-mask.png" }).reason
        #expect(reason == "the mask is 32x32, its image 64x64.")
        let unreadable = try #require(faults.all.first { $0.path == "c.png" }).reason
        #expect(!unreadable.contains(folder.path), "\(unreadable)")
    }

    @Test("end a strict training, and one that has no other")
    func strictness() throws {
        let folder = try Folder()
        var strict = PictureFaults(isStrict: true), lenient = PictureFaults(isStrict: false)
        let bad = try folder.pictures([("c.png", nil)])
        #expect(throws: EvaluationError.self) { try bad.picture(0, &strict) }
        #expect(throws: EvaluationError.self) { try bad.picture(0, &lenient) }
    }
}
