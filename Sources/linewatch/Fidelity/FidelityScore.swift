import ArgumentParser
import Imaging
import Platform
import Training

/// `linewatch model fidelity score`: the score of pictures, and their maps.
struct FidelityScore: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "score", abstract: "Scores pictures, and writes their anomaly maps.")

    @OptionGroup var options: FidelityOptions

    @Argument(help: "Pictures, JPEG or PNG.")
    var images: [String]

    @Option(help: "What the part is called, as in 'metal nut'.")
    var className: String

    @Option(help: "A folder for the smoothed maps, as NAME.map.png: black 0, white 1.")
    var maps: String?

    @Flag(help: "Print one JSON document.")
    var json = false

    private struct Report: Encodable {
        struct Picture: Encodable {
            let path: String
            let score: Float
            let mapMaximum: Float
            let milliseconds: Double
        }

        let schema = "linewatch.model.fidelity.score/1"
        let className: String
        let pictures: [Picture]
    }

    func run() throws {
        OpenBLAS.relaunchWithBestKernel()
        let (package, network, workers) = try options.opened()
        let sentences = try ClassSentences(className: className, package.tokenizer)
        let detector = FidelityDetector(network, sentences, workers: workers)
        let pictures = try images.map { path in
            let image = try RGBImage(contentsOf: path)
            let start = MonotonicClock.now
            let result = detector.detect(in: image)
            let time = Double(MonotonicClock.now - start) / 1e6
            if let maps { try write(result.map, side: network.tower.side, of: path, to: maps) }
            return Report.Picture(
                path: path, score: result.score, mapMaximum: result.map.max() ?? 0, milliseconds: time)
        }
        if json { return print(try jsonText(Report(className: className, pictures: pictures))) }
        let rows = pictures.map {
            [
                $0.path, decimals(Double($0.score), 6), decimals(Double($0.mapMaximum), 6),
                decimals($0.milliseconds, 0),
            ]
        }
        print(table([["picture", "score", "map maximum", "ms"]] + rows))
    }

    private func write(_ map: [Float], side: Int, of path: String, to folder: String) throws {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let levels = map.map { UInt8(min(max($0, 0), 1) * 255 + 0.5) }
        let image = try GreyImage(size: Size(width: side, height: side), pixels: levels)
        try writeAtomically("\(folder)/\(name).map.png", try image.encodedAsPNG())
    }
}
