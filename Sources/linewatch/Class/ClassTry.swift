import AnomalyModels
package import ArgumentParser
import Evaluation
import Foundation
import Imaging
import Inference
import Kernels
import ModelPackages
import Platform
import Sockets

/// `linewatch class try`: what words say of a picture, before they are in force.
package struct ClassTry: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "try",
        abstract: "Shows what a class name makes of the newest frame of a camera, or of a picture.",
        discussion: """
            The newest frame of a camera is judged by the daemon as its inspection would judge it, region by region; a \
            picture is judged here. Nothing in the daemon changes. The score is shown beside that of the name 'object': \
            where they hardly differ, the words hardly matter.
            """
    )

    @ArgumentParser.Argument(
        help: "What a good part is called, as in \"brushed steel bracket\". Repeat for synonyms.")
    var names: [String]

    @Option(help: "The camera of the running daemon: its number or its name.")
    var camera: String?

    @Option(help: "A picture instead, JPEG or PNG.")
    var image: String?

    @Option(help: "A word of the normal state, as in \"polished\". Repeatable.")
    var good: [String] = []

    @Option(help: "A word of a defect, as in \"scratch\". Repeatable.")
    var bad: [String] = []

    @Option(name: [.short, .long], help: "Write the picture with its heat-map to this PNG file.")
    var output: String?

    @Option(help: "With --image: the package of the zero-shot head.")
    var model = "adaclip"

    @OptionGroup var socket: StationSocket

    @Flag(help: "Print one JSON document.")
    var json = false

    package init() {}

    package func validate() throws {
        guard (camera == nil) != (image == nil) else {
            throw ValidationError("Name either a camera with --camera or a picture with --image.")
        }
        guard !names.isEmpty else { throw ValidationError("Say what a good part is called.") }
    }

    private struct Report: Encodable {
        let schema = "linewatch.class.try/1"
        let names: [String]
        let score: Double
        let objectScore: Double
        let limit: Double
        let milliseconds: Double
    }

    package func run() throws {
        let words = try ClassWords(names: names, good: good, bad: bad)
        let (report, heat) = try camera.map(asked) ?? judged(words)
        if let output { try writeAtomically(output, try heat.encodedAsPNG()) }
        guard !json else { return print(try jsonReport(report)) }
        let columns = 64, rows = max(1, columns * heat.size.height / heat.size.width / 2)
        let thumbnail = Thumbnail(
            pixels: heat.pixels, width: heat.size.width, height: heat.size.height, columns: columns,
            rows: rows)
        for line in thumbnail.lines(for: .standardOutput) { print(line.text(for: .standardOutput)) }
        print(
            "'\(names.joined(separator: "', '"))': score \(decimals(report.score, 3)), "
                + "as 'object' \(decimals(report.objectScore, 3)); NG above \(decimals(report.limit, 3)), "
                + "else UNSURE until good parts are known.")
    }

    /// What the daemon makes of the newest frame of `camera`, under its heat-map.
    private func asked(_ camera: String) throws -> (Report, RGBImage) {
        var arguments = [
            JSONMember("cam", Int64(camera).map { .integer($0) } ?? .text(camera)),
            JSONMember("class_name", .text(names[0])),
        ]
        for (key, values) in [
            ("more_names", Array(names.dropFirst())), ("good_words", good), ("bad_words", bad),
        ] where !values.isEmpty {
            arguments.append(JSONMember(key, .array(values.map { .text($0) })))
        }
        // Words that nobody has read take seconds.
        let answer = try socket.connect().file(.classTry, arguments, within: 60_000)
        let number = { (key: String) in answer.end.double(key) ?? 0 }
        let report = Report(
            names: names, score: number("score"), objectScore: number("object_score"),
            limit: number("limit"), milliseconds: number("infer_ms"))
        return (report, try RGBImage(encoded: answer.bytes, path: "the frame of camera \(camera)"))
    }

    /// What the models of this machine make of the picture `--image`, under its heat-map.
    private func judged(_ words: ClassWords) throws -> (Report, RGBImage) {
        let setup = MethodSetup(
            dataSet: "", className: names[0], package: try package(), kernels: try ModelChoice.kernels(nil),
            input: MethodInput(size: Size(width: 256, height: 256), keepsAspect: true), views: nil)
        let picture = try RGBImage(contentsOf: image ?? "")
        var own = try ZeroShotMethod(setup, words), plain = try ZeroShotMethod(setup, .object)
        let found = try own.detect(in: picture), other = try plain.detect(in: picture)
        let report = Report(
            names: names, score: Double(found.score), objectScore: Double(other.score),
            limit: Double(own.limit), milliseconds: Double(found.nanoseconds) / 1e6)
        return (report, heated(picture, found, limit: own.limit))
    }

    private func package() throws -> ModelPackage {
        let locator = ModelLocator.standard(environment: ProcessInfo.processInfo.environment)
        return try ModelPackage(opening: locator.find(model), verifyingHashes: true)
    }

    /// `picture` in grey, and in red where its map is above the limit.
    private func heated(_ picture: RGBImage, _ found: Detection, limit: Float) -> RGBImage {
        var pixels: [UInt8] = []
        let size = picture.size, map = found.map
        for y in 0..<size.height {
            let row = y * map.size.height / size.height * map.size.width
            for x in 0..<size.width {
                let place = 3 * (y * size.width + x)
                let sum = (0..<3).reduce(0) { $0 + Int(picture.pixels[place + $1]) }
                let score = map.scores[row + x * map.size.width / size.width]
                let heat = min(max((score - limit) / max(limit, 1e-3) * 4, 0), 1)
                let grey = Float(sum / 3)
                pixels.append(UInt8(grey + (255 - grey) * heat))
                pixels.append(UInt8(grey * (1 - heat)))
                pixels.append(UInt8(grey * (1 - heat)))
            }
        }
        guard let image = try? RGBImage(size: size, pixels: pixels) else {
            preconditionFailure("\(pixels.count) bytes for \(size)")
        }
        return image
    }
}
