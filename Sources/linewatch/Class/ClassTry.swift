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
            The picture is judged here, by the models of this machine; nothing in the daemon changes. The score is shown \
            beside that of the name 'object': where they hardly differ, the words hardly matter.
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

    @Option(help: "The package of the zero-shot head.")
    var model = "adaclip"

    @OptionGroup var daemon: DaemonOptions

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
        let score: Float
        let objectScore: Float
        let limit: Float
        let milliseconds: Double
    }

    package func run() throws {
        let words = try ClassWords(names: names, good: good, bad: bad)
        let setup = MethodSetup(
            dataSet: "", className: names[0], package: try package(), kernels: try ModelChoice.kernels(nil),
            input: MethodInput(size: Size(width: 256, height: 256), keepsAspect: true), views: nil)
        let picture = try picture()
        var own = try ZeroShotMethod(setup, words), plain = try ZeroShotMethod(setup, .object)
        let found = try own.detect(in: picture), other = try plain.detect(in: picture)
        let heat = heated(picture, found, limit: own.limit)
        if let output { try writeAtomically(output, try heat.encodedAsPNG()) }
        let report = Report(
            names: names, score: found.score, objectScore: other.score, limit: own.limit,
            milliseconds: Double(found.nanoseconds) / 1e6)
        guard !json else { return print(try jsonReport(report)) }
        let columns = 64, rows = max(1, columns * heat.size.height / heat.size.width / 2)
        let thumbnail = Thumbnail(
            pixels: heat.pixels, width: heat.size.width, height: heat.size.height, columns: columns,
            rows: rows)
        for line in thumbnail.lines(for: .standardOutput) { print(line.text(for: .standardOutput)) }
        print(
            "'\(names.joined(separator: "', '"))': score \(decimals(Double(found.score), 3)), "
                + "as 'object' \(decimals(Double(other.score), 3)); NG above \(decimals(Double(own.limit), 3)), "
                + "else UNSURE until good parts are known.")
    }

    private func package() throws -> ModelPackage {
        let locator = ModelLocator.standard(environment: ProcessInfo.processInfo.environment)
        return try ModelPackage(opening: locator.find(model), verifyingHashes: true)
    }

    private func picture() throws -> RGBImage {
        if let image { return try RGBImage(contentsOf: image) }
        guard let camera, let cameras = try DaemonCameras.connected(daemon) else {
            throw CommandFailure(
                exit: .unreachable,
                "No daemon answers on its admin socket: run this as a member of 'linewatch-admin', or take a "
                    + "picture with --image.")
        }
        let entries = try cameras.list()
        guard let entry = entries.first(where: { "\($0.id)" == camera || $0.name == camera }) else {
            let known = entries.map { "\($0.id) '\($0.name)'" }.joined(separator: ", ")
            throw CommandFailure("There is no camera '\(camera)'. There are: \(known).")
        }
        return try RGBImage(encoded: try cameras.snap(entry.id), path: "the frame of camera \(camera)")
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
