import Evaluation
import Foundation
import Imaging
import Platform
import Testing

/// A run of a method that looks at nothing but brightness, over a folder made for the test.
@Suite("a run over a data set")
struct DetectionRunTests {
    /// The mean level as score, the levels as map.
    struct Brightness: DetectionMethod {
        static let isTrained = false
        var threshold: Float?

        mutating func learn(from references: [RGBImage], seed _: Int) throws {
            threshold = references.map(Self.mean).max()
        }

        mutating func detect(in image: RGBImage) throws -> Detection {
            let levels = (0..<image.size.pixelCount).map { Float(image.pixels[3 * $0]) }
            return Detection(
                score: Self.mean(image), map: ScoreMap(size: image.size, scores: levels),
                inputSize: image.size,
                nanoseconds: 1)
        }

        private static func mean(_ image: RGBImage) -> Float {
            Float(image.pixels.reduce(0) { $0 + Int($1) }) / Float(image.pixels.count)
        }
    }

    /// A folder with files; it goes when the value does.
    final class Folder {
        let path = FileManager.default.temporaryDirectory.appending(path: "evaluation-\(UUID())").path

        func write(_ name: String, _ bytes: [UInt8]) throws {
            let file = URL(filePath: path).appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(bytes).write(to: file)
        }

        /// An image of 8x6 with `level`, and with `mark` in its left half.
        func write(_ name: String, level: UInt8, mark: UInt8? = nil, width: Int = 8) throws {
            let size = Size(width: width, height: 6)
            let levels = (0..<size.pixelCount).map { $0 % width < width / 2 ? mark ?? level : level }
            try write(name, GreyImage(size: size, pixels: levels).encodedAsPNG())
        }

        var manifest: DataSetManifest {
            DataSetManifest(
                paths: (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? [], name: "set")
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private func folder() throws -> Folder {
        let folder = Folder()
        try folder.write("train/good/a.png", level: 20)
        try folder.write("train/good/b.png", level: 30)
        try folder.write("test/good/c.png", level: 10)
        try folder.write("test/good/d.png", level: 40)
        try folder.write("test/hole/e.png", level: 20, mark: 200)
        try folder.write("ground_truth/hole/e_mask.png", level: 0, mark: 255)
        try folder.write("test/hole/f.png", level: 25, mark: 25)
        return folder
    }

    private func run(_ folder: Folder, shots: Int = 2, isStrict: Bool = false) throws -> DetectionRun {
        var settings = DetectionRun.Settings(folder: folder.path)
        (settings.evaluationSize, settings.isStrict) = (.native, isStrict)
        var method = Brightness()
        let split = try FewShotSplit(folder.manifest, dataSet: "set")
        var run = try DetectionRun(split.draw(0, count: shots), draw: 0, seed: 0, &method, settings)
        try run.score(with: &method, settings) { _, _ in }
        return run
    }

    @Test("gives the figures of its scores, and of the pixels of those images that have a mask")
    func figures() throws {
        let run = try run(folder())
        #expect(run.goodCount == 2 && run.defectiveCount == 2 && run.maskedCount == 1)
        #expect(run.leftOut.isEmpty && run.threshold == 30)
        let figures = DetectionFigures(run, proSteps: nil)
        // Good: 10, 40; defective: 110, 25; the limit is 30.
        #expect(figures.percent[.imageAUROC] == 75)
        #expect(figures.percent[.falseAlarmRate] == 50 && figures.percent[.missRate] == 50)
        #expect(figures.percent[.f1] == 50)
        #expect(figures.percent[.pixelAUROC] == 100)
        #expect(abs(try #require(figures.percent[.aupro]) - 100) < 1e-9)
        #expect(figures.reasons.isEmpty)
        #expect(run.worst(1).map(\.row.path) == ["test/hole/f.png", "test/good/d.png"])
        let bootstrap = Bootstrap(drawCount: 100)
        let result = DetectionResult(run, dataSet: "set", proSteps: nil, bootstrap: bootstrap)
        let summary = DetectionSummary([result])
        #expect(summary.mean(.imageAUROC) == 75 && summary.deviation(.imageAUROC) == 0)
        #expect(summary.interval(.imageAUROC)?.contains(75) == true)
        let bare = DetectionResult(run, dataSet: "set", proSteps: nil, bootstrap: nil)
        #expect(DetectionSummary([result, bare]).interval(.imageAUROC) == nil)
        let again = try JSONDecoder().decode(DetectionResult.self, from: JSONEncoder().encode(result))
        #expect(again == result)
    }

    @Test("names and counts what cannot be used, and goes on")
    func leftOut() throws {
        let folder = try folder()
        try folder.write("test/hole/g.png", Array("no image".utf8))
        try folder.write("test/hole/h.png", level: 90)
        try folder.write("ground_truth/hole/h_mask.png", level: 0, mark: 255, width: 4)
        try folder.write("test/hole/i.png", level: 91)
        try folder.write("ground_truth/hole/i_mask.png", level: 0)
        try folder.write("test/hole/j.png", level: 92)
        try folder.write("masks/hole/j.png", [0x89, 0x50])
        let run = try run(folder)
        #expect(run.defectiveCount == 5 && run.maskedCount == 1)
        #expect(
            run.leftOut.map(\.path) == [
                "test/hole/g.png", "ground_truth/hole/h_mask.png", "ground_truth/hole/i_mask.png",
                "masks/hole/j.png",
            ])
        #expect(run.leftOut.map(\.isMaskOnly) == [false, true, true, true])
        #expect(run.leftOut[1].reason == "the mask is 4x6, its image 8x6.")
        #expect(run.leftOut[0].reason == "it is neither JPEG nor PNG. Convert it to one of them.")
        let error = #expect(throws: EvaluationError.self) { try self.run(folder, isStrict: true) }
        #expect(error?.description.contains("test/hole/g.png") == true)
    }

    @Test("says why a figure is missing where one kind of image is")
    func oneKind() throws {
        let folder = Folder()
        try folder.write("train/good/a.png", level: 20)
        try folder.write("test/good/c.png", level: 10)
        let figures = DetectionFigures(try run(folder, shots: 1), proSteps: nil)
        #expect(figures.percent[.imageAUROC] == nil && figures.percent[.falseAlarmRate] == 0)
        #expect(figures.reasons[.imageAUROC] == "no defective images were scored")
        #expect(figures.reasons[.aupro] == "no defective image has a usable mask")
        #expect(throws: EvaluationError.tooFewReferences(set: "set", asked: 2, candidates: 1)) {
            try run(folder, shots: 2)
        }
    }

    @Test("ends where a reference cannot be read")
    func badReference() throws {
        let folder = try folder()
        try folder.write("train/good/a.png", [1, 2, 3])
        #expect(throws: ImagingError.self) { try run(folder) }
    }

    @Test("is compared at the shape of the input with the area asked for, or at the image's size")
    func sizes() {
        let input = Size(width: 160, height: 416), image = Size(width: 500, height: 1260)
        #expect(EvaluationSize.native.size(input: input, image: image) == image)
        #expect(EvaluationSize.square(256).size(input: input, image: image) == Size(width: 159, height: 413))
        #expect(
            EvaluationSize.square(128).size(input: Size(width: 256, height: 256), image: image)
                == Size(width: 128, height: 128))
    }
}

@Suite("folders as MVTec AD has them")
struct FolderTests {
    @Test("are data sets whose good training images are references, with the masks that there are")
    func folders() throws {
        let manifest = DataSetManifest(
            paths: [
                "screw/train/good/000.png", "screw/test/good/001.png", "screw/test/thread/002.png",
                "screw/test/thread/003.png", "screw/ground_truth/thread/002_mask.png",
                "screw/train/bad/9.png",
                "nut/test/burr/a.b.jpg", "nut/masks/burr/a.b.png", "nut/readme.txt", "license.png",
                "nut/test/x.png",
            ], name: "sets")
        #expect(manifest.dataSets == ["nut", "screw"])
        let rows = Dictionary(uniqueKeysWithValues: manifest.rows.map { ($0.path, $0) })
        #expect(rows.count == 5)
        #expect(rows["screw/train/good/000.png"]?.split == .reference)
        #expect(rows["screw/test/thread/002.png"]?.maskPath == "screw/ground_truth/thread/002_mask.png")
        #expect(rows["screw/test/thread/003.png"]?.maskPath == nil)
        #expect(rows["nut/test/burr/a.b.jpg"]?.maskPath == "nut/masks/burr/a.b.png")
        #expect(rows["screw/test/good/001.png"]?.isDefective == false)
        #expect(try FewShotSplit(manifest, dataSet: "nut").draw(0, count: 0).scored.count == 1)
    }

    @Test("with any bytes as a mask are read or refused, never trapped on")
    func maskFuzz() throws {
        let size = Size(width: 9, height: 7)
        let pixels = (0..<63).map { UInt8($0 % 5 == 0 ? 255 : 0) }
        let file = try GreyImage(size: size, pixels: pixels).encodedAsPNG()
        let path = FileManager.default.temporaryDirectory.appending(path: "mask-\(UUID()).png").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        var random = SplitMix64(seed: 0xFA11)
        var readable = 0
        for round in 0..<600 {
            var bytes = file
            for _ in 0..<round % 4 where !bytes.isEmpty {
                let place = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 3 {
                case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes = Array(bytes.prefix(place))
                default: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
                }
            }
            try Data(bytes).write(to: URL(filePath: path))
            guard let mask = try? DefectMask(contentsOf: path) else { continue }
            readable += 1
            #expect(mask.labels.count == mask.size.pixelCount)
            #expect(mask.regionSizes.reduce(0, +) == mask.labels.count { $0 > 0 })
            #expect(mask.resized(to: Size(width: 4, height: 3)).labels.count == 12)
        }
        #expect(readable >= 150)
    }
}
