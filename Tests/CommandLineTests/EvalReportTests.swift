import ArgumentParser
import Foundation
import Imaging
import Testing
import linewatch

/// The whole command on a small data set in the folders of MVTec AD.
@Suite("an evaluation's reports")
struct EvalReportTests {
    /// Striped parts of 96x96; defective ones have a light square, with its mask. One defective part has none.
    final class Parts {
        let path = FileManager.default.temporaryDirectory.appending(path: "eval-\(UUID())").path

        init(good: Int = 3, defective: Int = 3) throws {
            for index in 0..<3 { try write("train/good/\(index).png", part(index)) }
            for index in 0..<good { try write("test/good/\(index).png", part(10 + index)) }
            for index in 0..<defective {
                try write("test/hole/\(index).png", part(20 + index, isDefective: true))
                if index == 0 { continue }
                let mask = (0..<96 * 96).map { Self.isHole($0) ? UInt8(255) : 0 }
                try write(
                    "ground_truth/hole/\(index)_mask.png",
                    GreyImage(size: Size(width: 96, height: 96), pixels: mask))
            }
        }

        private static func isHole(_ pixel: Int) -> Bool {
            40..<60 ~= pixel % 96 && 30..<50 ~= pixel / 96
        }

        private func part(_ seed: Int, isDefective: Bool = false) throws -> GreyImage {
            let pixels = (0..<96 * 96).map { pixel -> UInt8 in
                let stripe = (pixel % 96 / 6 + pixel / 96 / 9) % 2 == 0 ? 90 : 150
                let noise = (pixel &* 2_654_435_761 &+ seed &* 97) >> 7 % 9
                return isDefective && Self.isHole(pixel) ? 235 : UInt8(stripe + noise)
            }
            return try GreyImage(size: Size(width: 96, height: 96), pixels: pixels)
        }

        func write(_ name: String, _ image: GreyImage) throws {
            let file = URL(filePath: path).appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(image.encodedAsPNG()).write(to: file)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private func command(_ parts: Parts, _ options: String) throws -> Eval {
        let model = URL(filePath: #filePath).appending(path: "../../../Models/efficientnet-lite0")
            .standardized
        let words =
            ["eval", "--data", parts.path, "--model", model.path, "--input", "96", "--eval-size", "48"]
            + ["--views", "fixed", "--bootstrap", "40"] + options.split(separator: " ").map(String.init)
        return try #require(try Linewatch.parseAsRoot(words) as? Eval)
    }

    private func document(_ parts: Parts, _ options: String) throws -> [String: Any] {
        let text = try command(parts, options).measuredJSON()
        return try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test("are one JSON document with the keys and types that its readers rely on")
    func schema() throws {
        let report = try document(Parts(), "--seeds 2 --class-name striped")
        #expect(report["schema"] as? String == "linewatch.eval/1")
        #expect((report["dataset"] as? String)?.hasPrefix("eval-") == true)
        #expect(report["method"] as? String == "patch" && report["class_name"] as? String == "striped")
        #expect(report["shots"] as? Int == 2 && report["seeds"] as? Int == 2)
        for key in ["image_auroc", "image_ap", "image_f1max", "pixel_auroc", "aupro", "f1"] {
            let value = try #require(report[key] as? Double, "\(key)")
            #expect(0...100 ~= value, "\(key)")
        }
        #expect(try #require(report["pixel_auroc"] as? Double) > 90)
        #expect((report["weights"] as? String)?.count == 64)
        #expect(report["commit"] is String || report["commit"] is NSNull)
        #expect(report["manifest"] is NSNull)
        let runs = try #require(report["per_seed"] as? [[String: Any]])
        #expect(runs.map { $0["seed"] as? Int } == [0, 1] && runs.map { $0["draw"] as? Int } == [0, 1])
        for run in runs {
            #expect((run["references"] as? [String])?.count == 2)
            #expect(run["good"] as? Int == 3 && run["defective"] as? Int == 3 && run["masked"] as? Int == 2)
            #expect(run["image_auroc"] is Double && run["threshold"] is Double)
        }
        let set = try #require((report["sets"] as? [[String: Any]])?.first)
        #expect(set["interval"] is [String: [Double]] && set["sd"] is [String: Double])
    }

    @Test("have null and the reason where nothing can be measured")
    func nothing() throws {
        let report = try document(Parts(defective: 0), "--seeds 1")
        for key in ["image_auroc", "image_ap", "image_f1max", "pixel_auroc", "aupro"] {
            #expect(report[key] is NSNull, "\(key)")
        }
        let reasons = try #require(report["missing"] as? [String: String])
        #expect(reasons["image_auroc"] == "no defective images were scored")
        #expect(reasons["aupro"] == "no defective image has a usable mask")
        #expect(report["false_alarm_rate"] is Double)
        let run = try #require((report["per_seed"] as? [[String: Any]])?.first)
        #expect(run["aupro"] is NSNull && run["missing"] is [String: String])
    }

    @Test("name an empty class, and say why nothing could be sorted")
    func emptyClasses() throws {
        let parts = try Parts(defective: 0)
        try FileManager.default.createDirectory(
            atPath: parts.path + "/test/crack", withIntermediateDirectories: true)
        let report = try document(parts, "--seeds 1")
        #expect(report["empty_classes"] as? [String] == ["test/crack"])
        let sorted = try document(parts, "--method kmeans --seeds 1")
        let set = try #require((sorted["sets"] as? [[String: Any]])?.first)
        #expect(sorted["nmi"] is NSNull && set["missing"] as? String == "no defective images were sorted")
    }

    @Test("mark a set that the weights have seen, and keep it out of the means")
    func seen() throws {
        let parts = try Parts(), name = URL(filePath: parts.path).lastPathComponent
        let models = URL(filePath: #filePath).appending(path: "../../../Models").standardized
        let model = URL(filePath: parts.path + "-model")
        defer { try? FileManager.default.removeItem(at: model) }
        try FileManager.default.copyItem(at: models.appending(path: "efficientnet-lite0"), to: model)
        let file = model.appending(path: "manifest.json")
        var manifest = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
        var configuration = try #require(manifest["configuration"] as? [String: Any])
        configuration["training.sets"] = "another, \(name.uppercased())"
        manifest["configuration"] = configuration
        try JSONSerialization.data(withJSONObject: manifest).write(to: file)
        let report = try document(parts, "--seeds 1 --model \(model.path)")
        let set = try #require((report["sets"] as? [[String: Any]])?.first)
        #expect(set["seen"] as? Bool == true && set["image_auroc"] is Double)
        #expect(report["image_auroc"] is NSNull)
        let fresh = try document(parts, "--seeds 1")
        let other = try #require((fresh["sets"] as? [[String: Any]])?.first)
        #expect(other["seen"] as? Bool == false && fresh["image_auroc"] is Double)
    }

    @Test("have nmi, ari and acc instead for a method that sorts")
    func clustering() throws {
        let report = try document(Parts(), "--method kmeans --seeds 2")
        #expect(report["nmi"] is Double && report["ari"] is Double && report["acc"] is Double)
        #expect(report["image_auroc"] == nil && report["schema"] as? String == "linewatch.eval/1")
        #expect((report["per_seed"] as? [[String: Any]])?.count == 2)
        #expect(report["seeds"] as? Int == 2 && report["keep_aspect"] as? Bool == false)
    }

    @Test(
        "are made of the head that describes defects, at masks or where an image is rare",
        arguments: ["given", "generated"])
    func described(auxiliary: String) throws {
        let head = URL(filePath: #filePath).appending(path: "../../../Models/fine").standardized.path
        let report = try document(
            Parts(), "--method fine-e --seeds 1 --model \(head) --auxiliary \(auxiliary)")
        #expect(report["nmi"] is Double && report["model"] as? String == "fine")
        let set = try #require((report["sets"] as? [[String: Any]])?.first)
        #expect(set["images"] as? Int == 3)
    }

    @Test("with --draws run every draw with one seed, for a method that is not trained")
    func grid() throws {
        let report = try document(Parts(), "--seeds 2 --draws 3")
        let runs = try #require(report["per_seed"] as? [[String: Any]])
        #expect(runs.map { $0["draw"] as? Int } == [0, 1, 2] && runs.allSatisfy { $0["seed"] as? Int == 0 })
    }

    @Test("are equal after an evaluation that was ended in the middle of a row went on")
    func resuming() throws {
        let parts = try Parts()
        let table = parts.path + "/runs.jsonl"
        let whole = try document(parts, "--seeds 3")
        _ = try document(parts, "--seeds 1 --resume \(table)")
        let rows = try Data(contentsOf: URL(filePath: table))
        // The start of a row, as a kill leaves it.
        try (rows + Data("{\"dataSet\":\"ev".utf8)).write(to: URL(filePath: table))
        let resumed = try document(parts, "--seeds 3 --resume \(table)")
        func figures(_ report: [String: Any]) -> [[String: Double]] {
            (report["per_seed"] as? [[String: Any]] ?? []).map { $0.compactMapValues { $0 as? Double } }
        }
        #expect(figures(whole).count == 3 && figures(resumed) == figures(whole))
        let lines = try String(contentsOf: URL(filePath: table), encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 4)
        let error = #expect(throws: (any Error).self) {
            try document(parts, "--seeds 3 --eval-size 32 --resume \(table)")
        }
        #expect("\(error.map { "\($0)" } ?? "")".contains("other settings"))
    }

    @Test("are a page that holds its curves and pictures and asks nobody for anything")
    func page() throws {
        let parts = try Parts()
        // The pictures are there as long as they are read.
        let page = try withExtendedLifetime(parts) {
            try command(parts, "--seeds 1 --report a.html").measuredPage()
        }
        #expect(page.hasPrefix("<!DOCTYPE html>") && page.hasSuffix("</html>\n"))
        #expect(page.components(separatedBy: "<svg").count == 5)
        // Three defective and three good images, each as picture and as map.
        #expect(page.components(separatedBy: "<img src=\"data:image/png;base64,").count == 13)
        for address in ["http:", "https:", "<script", "<link", "src=\"/", "url("] {
            #expect(!page.contains(address), "\(address)")
        }
        for (opening, closing) in [("<table", "</table>"), ("<figure", "</figure>"), ("<svg", "</svg>")] {
            #expect(
                page.components(separatedBy: opening).count == page.components(separatedBy: closing).count)
        }
    }
}
