import AnomalyModels
package import ArgumentParser
import Evaluation
import FoundationEssentials
import Imaging
import Inference
import Kernels
import ModelPackages

/// `linewatch eval`: how well a method finds the defects of labelled data sets.
package struct Eval: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "eval",
        abstract: "Measures how well defects are found in labelled images.",
        discussion: """
            Reads MANIFEST.csv in the folder DIR or in its parent. For each data set and each seed a few good images are drawn, \
            the method is taught with them and scores the others: rows 'test' where the set has rows 'reference', \
            else all other rows of 'train' and 'val' that share no group with a reference.
            Printed are the AUROC of images and of pixels and the area under the per-region overlap up to 30 % false pixels \
            (AUPRO), in percent: the mean over the seeds and the standard deviation.
            """
    )

    @Option(help: "patch: the nearest patch of a few good parts.")
    var method: Method = .patch

    @Option(help: "The folder with the data sets.")
    var data: String

    @Option(name: .customLong("set"), help: "Names of data sets, with commas between. Default: all in DIR.")
    var sets: String?

    @Option(name: [.customLong("references"), .customLong("shots")], help: "Good images to learn from.")
    var references = 2

    @Option(help: "Draws of the references.")
    var seeds = 3

    @Option(
        name: [.customLong("input"), .customLong("size")],
        help: """
            Width and height of the network's input, as in 320x256, or one number for both; for one set another, \
            as in 256,kolektorsdd=160x416.
            """)
    var input = InputSizes(standard: Size(width: 256, height: 256))

    @Flag(help: "Keep the proportions of each image and take --input as its area.")
    var keepAspect = false

    @Option(
        help: "Views of the references: fixed, mirrored or turned. Default: turned if the input is square.")
    var views: ReferenceViews?

    @Option(help: "Maps and masks are compared at the input's shape with the area of a square of this side.")
    var evalSize = 256

    @Option(help: "Standard deviation in pixels of a Gaussian over the maps at that size.")
    var smooth = 0.0

    @Option(help: "Thresholds of the AUPRO. Default: every distinct score.")
    var proSteps: Int?

    @Option(help: "The name or the path of the trunk's package.")
    var model = "efficientnet-lite0"

    @Option(help: "Instruction set. Default: LINEWATCH_ISA, or the best.")
    var isa: String?

    @Option(help: "Score every Nth image only, for a quick look.")
    var every = 1

    @Flag(help: "Print one JSON document.")
    var json = false

    enum Method: String, ExpressibleByArgument, CaseIterable {
        case patch
    }

    package init() {}

    package func validate() throws {
        guard 1...64 ~= references else {
            throw ValidationError("--references is 1 to 64, not \(references).")
        }
        guard 1...100 ~= seeds else { throw ValidationError("--seeds is 1 to 100, not \(seeds).") }
        guard 16...4096 ~= evalSize else {
            throw ValidationError("--eval-size is 16 to 4096, not \(evalSize).")
        }
        guard 0...64 ~= smooth else { throw ValidationError("--smooth is 0 to 64, not \(smooth).") }
        guard 2...1_000_000 ~= proSteps ?? 2 else {
            throw ValidationError("--pro-steps is 2 to 1000000, not \(proSteps ?? 0).")
        }
        guard every >= 1 else { throw ValidationError("--every is at least 1, not \(every).") }
    }

    package func run() throws {
        let report = try report()
        print(json ? try jsonText(report) : report.text)
    }

    /// Teaches and scores. Blocks, for minutes where the sets are large.
    package func report() throws -> EvaluationReport {
        let collection = try ImageCollection(folder: data)
        let names = sets.map { $0.split(separator: ",").map(String.init) } ?? collection.manifest.dataSets
        let splits = try names.map { try FewShotSplit(collection.manifest, dataSet: $0) }
        let locator = ModelLocator.standard(environment: ProcessInfo.processInfo.environment)
        let trunk = try ModelPackage(opening: locator.find(model), verifyingHashes: false)
        let kernels = try ModelChoice.kernels(isa)
        var bar = ProgressBar()
        var results: [EvaluationReport.Set] = []
        for split in splits {
            var runs: [PatchRun] = []
            for seed in 0..<seeds {
                var run = try PatchRun(
                    split.draw(seed, count: references), of: collection.folder, trunk: trunk,
                    kernels: kernels,
                    options: options(for: split.dataSet))
                try run.score(every: every) {
                    bar.show("\(split.dataSet) \(seed + 1)/\(seeds)", $0, of: $1)
                }
                runs.append(run)
            }
            results.append(EvaluationReport.Set(split, runs, proSteps: proSteps))
        }
        bar.finish()
        return EvaluationReport(
            self, results, trunk: trunk, manifest: collection, isa: kernels.instructions.name)
    }

    private func options(for dataSet: String) -> PatchRun.Options {
        .init(
            input: input[dataSet], keepsAspect: keepAspect, views: views, evaluationSide: evalSize,
            sigma: smooth)
    }
}

/// The input for each data set as an argument: "320x256", or "256" for a square, then "NAME=160x416" for sets
/// that have another, with commas between.
struct InputSizes: ExpressibleByArgument, CustomStringConvertible {
    private let standard: Size
    private var others: [(name: String, size: Size)] = []

    init(standard: Size) { self.standard = standard }

    init?(argument: String) {
        var standard = Size(width: 256, height: 256)
        for (index, part) in argument.split(separator: ",", omittingEmptySubsequences: false).enumerated() {
            let words = part.split(separator: "=", omittingEmptySubsequences: false)
            guard let size = Self.size(words[words.count - 1]) else { return nil }
            switch words.count {
            case 1 where index == 0: standard = size
            case 2 where !words[0].isEmpty: others.append((String(words[0]), size))
            default: return nil
            }
        }
        self.standard = standard
    }

    subscript(dataSet: String) -> Size { others.first { $0.name == dataSet }?.size ?? standard }

    var description: String {
        (["\(standard)"] + others.map { "\($0.name)=\($0.size)" }).joined(separator: ",")
    }

    private static func size(_ text: Substring) -> Size? {
        let sides = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        guard (1...2).contains(sides.count), let width = sides[0], let height = sides[sides.count - 1]
        else { return nil }
        let size = Size(width: width, height: height)
        return size.isValid ? size : nil
    }
}

extension ReferenceViews: ExpressibleByArgument {}
