import Evaluation
import Foundation
import Imaging
import Inference
import Kernels
import ModelPackages
import Testing
import Training

@Suite("labelled defects of data sets from outside")
struct LabelledDefectTests {
    private static let size = Size(width: 256, height: 256)

    /// Of a test's own.
    private final class Folder {
        let path = FileManager.default.temporaryDirectory.appending(path: "labelled-\(UUID())").path

        init() throws {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private static func defects(in folder: String) throws -> LabelledDefects {
        let models = URL(filePath: #filePath).appending(path: "../../../../Models").standardized.path
        let trunk = try ModelPackage(opening: models + "/efficientnet-lite0", verifyingHashes: false)
        return try LabelledDefects(
            folder: folder, trunk: trunk, kernels: KernelTable(.best), pool: TensorPool())
    }

    /// An image with dark pixels where `marks` has them, as a file, and its mask of `maskSize`.
    private static func write(
        _ name: String, _ marks: [Region], maskSize: Size = size, in folder: String
    ) throws {
        func isMarked(_ pixel: Int) -> Bool {
            marks.contains {
                $0.x..<$0.x + $0.width ~= pixel % size.width && $0.y..<$0.y + $0.height ~= pixel / size.width
            }
        }
        let pixels = (0..<size.pixelCount).map { UInt8(isMarked($0) ? 20 : 150 + $0 % 7 * 10) }
        let mask = (0..<maskSize.pixelCount).map { UInt8(maskSize == size && isMarked($0) ? 255 : 0) }
        for (name, size, pixels) in [(name, size, pixels), ("\(name)-mask", maskSize, mask)] {
            let image = try GreyImage(size: size, pixels: pixels)
            try Data(image.encodedAsPNG()).write(to: URL(filePath: "\(folder)/\(name).png"))
        }
    }

    private static func row(_ name: String, _ type: String, hasMask: Bool = true) throws
        -> DataSetManifest.Row
    {
        let text = """
            path,dataset,split,label,defect_type,mask_path
            \(name).png,set,train,defective,\(type),\(hasMask ? "\(name)-mask.png" : "")
            """
        return try #require(try DataSetManifest(csv: Array(text.utf8), path: "test").rows.first)
    }

    @Test("are looked at where the largest region of the mask is, in eight views")
    func region() throws {
        let folder = try Folder()
        let dot = Region(x: 30, y: 40, width: 4, height: 4),
            bar = Region(x: 180, y: 100, width: 6, height: 40)
        try Self.write("both", [dot, bar], in: folder.path)
        try Self.write("bar", [bar], in: folder.path)
        try Self.write("dot", [dot], in: folder.path)
        let all = try Self.defects(in: folder.path)
        var faults = PictureFaults(isStrict: false)
        let found = try ["both", "bar", "dot"].map { try all.defects(of: Self.row($0, "crack"), &faults) }
        #expect(found.allSatisfy { $0.count == 8 } && faults.all.isEmpty)
        #expect(found[0].allSatisfy { $0.line == "set" && $0.state == "crack" && $0.source == .outside })
        // The dot lies far from the window about the bar.
        #expect(found[0].map(\.pooled) == found[1].map(\.pooled))
        #expect(found[1].map(\.pooled) != found[2].map(\.pooled))
        // Its extent: turned by a quarter it is the same, and larger than the dot's.
        let extents = found[1].map { Array($0.pooled.suffix(2)) }
        #expect(Set(extents).count == 1)
        #expect(try #require(extents[0].last) > #require(found[2][0].pooled.last))
    }

    @Test("that show nothing, or whose mask is another's, are named; those without mask are passed over")
    func faults() throws {
        let folder = try Folder()
        try Self.write("empty", [], in: folder.path)
        try Self.write("other", [], maskSize: Size(width: 64, height: 32), in: folder.path)
        let all = try Self.defects(in: folder.path)
        var faults = PictureFaults(isStrict: false)
        for (name, hasMask) in [("empty", true), ("other", true), ("empty", false), ("missing", true)] {
            #expect(try all.defects(of: Self.row(name, "crack", hasMask: hasMask), &faults).isEmpty)
        }
        #expect(faults.all.map(\.path) == ["empty-mask.png", "other-mask.png", "missing.png"])
        #expect(faults.all[0].reason == "the mask of a defective image shows nothing.")
        #expect(faults.all[1].reason == "the mask is 64x32, its image 256x256.")
        #expect(!faults.all[2].reason.contains(folder.path))
        var strict = PictureFaults(isStrict: true)
        #expect(throws: EvaluationError.self) { try all.defects(of: Self.row("empty", "crack"), &strict) }
    }
}
