import ArgumentParser
import Imaging
import Tensors
import Training

/// `linewatch model fidelity compare`: our numbers beside those that another implementation recorded.
struct FidelityCompare: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Compares with recorded results of another implementation of the same heads.",
        discussion: """
            The recording is a safetensors file: 'image' U8 [height, width, 3]; in its metadata 'class_name'; and any \
            of 'map' [side, side] before smoothing, 'map.smoothed', 'score' [1] and the intermediate tensors \
            (vision.tokens, unprompted.embedding, dynamic.visual, prompts.visual0, vision.tap0, vision.embedding, \
            text.sentences, text, patches0, image.embedding, logits0, ...). Demanded are 0.002 for 'map' and 0.001 \
            for 'score'; the others are printed.
            """)

    @OptionGroup var options: FidelityOptions

    @Argument(help: "The recording.")
    var recording: String

    private static let demands: [String: Float] = ["map": 2e-3, "score": 1e-3]

    func run() throws {
        OpenBLAS.relaunchWithBestKernel()
        let file = try WeightFile(path: recording)
        let image = try picture(file)
        guard let name = file.metadata["class_name"] else {
            throw CommandFailure(
                "'\(recording)' has no 'class_name' in its metadata. Record it again with one.")
        }
        var (package, network, workers) = try options.opened()
        let seen = Seen()
        network.observe = { seen.values[$0 == "image" ? "image.embedding" : $0] = $2.values($1) }
        let sentences = try ClassSentences(className: name, package.tokenizer)
        let detector = FidelityDetector(network, sentences, workers: workers)
        seen.values["map.smoothed"] = detector.detect(in: image).map

        var rows = [["tensor", "numbers", "largest", "difference", "demanded"]]
        var failed: [String] = []
        for name in file.names where name != "image" {
            guard let ours = seen.values[name] else {
                rows.append([name, "", "", "not computed", ""])
                continue
            }
            let theirs = try file.floats(name)
            guard ours.count == theirs.count else {
                throw CommandFailure(
                    "'\(name)' has \(theirs.count) numbers in '\(recording)' and \(ours.count) here. "
                        + "Check --side and the model.")
            }
            let difference = zip(ours, theirs).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
            let largest = theirs.reduce(Float(0)) { max($0, abs($1)) }
            let demand = Self.demands[name]
            if let demand, !(difference <= demand) { failed.append(name) }
            rows.append([
                name, "\(ours.count)", decimals(Double(largest), 4), decimals(Double(difference), 7),
                demand.map { decimals(Double($0), 4) } ?? "",
            ])
        }
        print(table(rows))
        if !failed.isEmpty {
            throw CommandFailure(
                "\(failed.joined(separator: " and ")) differ by more than is demanded. Check that the model holds the "
                    + "weights and the switches that the recording was made with.")
        }
    }

    private func picture(_ file: WeightFile) throws -> RGBImage {
        let extents = try file.entry("image").shape.extents
        guard extents.count == 3, extents[2] == 3 else {
            throw CommandFailure("'image' in '\(recording)' is \(extents), not [height, width, 3].")
        }
        return try RGBImage(size: Size(width: extents[1], height: extents[0]), pixels: file.uint8("image"))
    }
}

/// What was observed, by name.
private final class Seen {
    var values: [String: [Float]] = [:]
}
