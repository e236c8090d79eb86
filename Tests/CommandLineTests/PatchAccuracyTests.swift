import ArgumentParser
import Foundation
import Testing
import linewatch

/// The nearest-patch detector on photographs of parts, taught with two good ones.
///
///     LINEWATCH_LONG=1 swift test -c release --filter PatchAccuracyTests
@Suite(.enabled(if: SharedImages.folder != nil, "needs the inspection images: set LINEWATCH_SHARED"))
struct PatchAccuracyTests {
    @Test("tells torn from whole glass-fibre cloth, and where it is torn")
    func short() throws {
        let set = try #require(
            try report("--set glassfiber --seeds 1 --every 6 --eval-size 64").sets.first)
        #expect(try #require(set.figures.imageAUROC) > 75)
        #expect(try #require(set.figures.pixelAUROC) > 65)
        #expect(try #require(set.perSeed.first).defective >= 2)
    }

    @Test(
        "reaches on four sets what float32 reached in the first experiments",
        .enabled(
            if: ProcessInfo.processInfo.environment["LINEWATCH_LONG"] != nil,
            "takes two minutes: set LINEWATCH_LONG=1"))
    func bars() throws {
        // Image AUROC, pixel AUROC and AUPRO with two references; means within 2 points, each set within 4.
        let bars: [(name: String, figures: [Double])] = [
            ("kolektorsdd", [84.4, 95.5, 74.9]), ("deeppcb", [69.4, 87.7, 67.7]),
            ("magnetic_tile", [80.7, 68.1, 68.0]), ("glassfiber", [92.4, 78.0, 62.9]),
        ]
        let report = try report(
            "--set \(bars.map(\.name).joined(separator: ",")) --input 256,kolektorsdd=160x416 "
                + "--references 2 --seeds 3 --eval-size 128 --smooth 2 --pro-steps 200")
        for (figure, bar) in zip(try means(report.macro), [81.7, 82.3, 68.4]) {
            #expect(figure > bar - 2, "the mean of the four sets")
        }
        for (set, bar) in zip(report.sets, bars) {
            for (index, figure) in try means(set.figures).enumerated() {
                #expect(figure > bar.figures[index] - 4, "\(set.name), figure \(index)")
            }
        }
    }

    @Test("decides in int8 as in float32, on maps that are nearly the same, and refuses another checkpoint")
    func float() throws {
        let weights = URL(filePath: SharedImages.folder ?? "").deletingLastPathComponent()
            .appending(path: "weights").path
        let options =
            "--method fusion --set glassfiber --seeds 1 --every 24 --eval-size 64 --float \(weights)"
        let found = try #require(try report("\(options)/efficientnet_lite0.safetensors").compared.first)
        #expect(found.images >= 4 && found.overlooked == 0 && found.changes == 0)
        for both in [found.pixelAUROC, found.aupro] {
            let difference = try #require(both.int8) - #require(both.float)
            #expect(difference != 0 && abs(difference) < 3, "\(both)")
        }
        #expect(found.leastCorrelation > 0.97 && found.medianCorrelation < 1)
        #expect(found.taps.count == 3 && found.taps.allSatisfy { $0.mean > 0.997 && $0.lowest > 0.98 })
        #expect(throws: (any Error).self) { try report("\(options)/efficientnet_lite2.safetensors") }
    }

    private func means(_ figures: EvaluationReport.Figures) throws -> [Double] {
        try [figures.imageAUROC, figures.pixelAUROC, figures.aupro].map { try #require($0) }
    }

    private func report(_ options: String) throws -> EvaluationReport {
        let model = URL(filePath: #filePath).appending(path: "../../../Models/efficientnet-lite0")
            .standardized
        let arguments = ["eval", "--data", SharedImages.folder ?? "", "--model", model.path]
        let command = try Linewatch.parseAsRoot(arguments + options.split(separator: " ").map(String.init))
        return try #require(command as? Eval).measured()
    }
}

/// Labelled photographs, for evaluation only.
enum SharedImages {
    /// `data` in the folder that LINEWATCH_SHARED names, or in `shared` beside the checkout; nil if there is
    /// none.
    static let folder: String? = {
        let beside = URL(filePath: #filePath).appending(path: "../../../../shared").standardized.path
        let data = (ProcessInfo.processInfo.environment["LINEWATCH_SHARED"] ?? beside) + "/data"
        return FileManager.default.fileExists(atPath: data + "/MANIFEST.csv") ? data : nil
    }()
}
