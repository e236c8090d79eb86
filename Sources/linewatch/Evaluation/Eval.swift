import AnomalyModels
package import ArgumentParser
import Evaluation
import FoundationEssentials
import Imaging
import Kernels
import ModelPackages
import Platform
import Training

/// `linewatch eval`: how well a method finds the defects of labelled data sets.
package struct Eval: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "eval",
        abstract: "Measures how well defects are found in labelled images.",
        discussion: """
            Reads MANIFEST.csv in the folder DIR or in its parent, or else the folders of MVTec AD: train/good, \
            test/good, test/TYPE, and masks in ground_truth/TYPE/NAME_mask.png or masks/TYPE/NAME.png.
            For each data set and each run a few good images are drawn, the method is taught with them and scores the \
            others: rows 'test' where the set has rows 'reference', else all other rows of 'train' and 'val' that share \
            no group with a reference. Run s is draw s of the images and seed s of training; with --draws all pairs are run.
            Printed, in percent, are the means over the runs with their standard deviations, each run, and 95 % \
            intervals by drawing the images anew: AUROC, average precision and highest F1 of images, AUROC of pixels, the \
            area under the per-region overlap up to 30 % false pixels (AUPRO), and F1, false alarms and misses at the limit \
            that the method fixed on the references.
            """
    )

    @Option(help: ArgumentHelp(MethodName.summaries), transform: MethodName.init(named:))
    var method = MethodName(OfferedMethods.detectors[0])

    @Option(help: "The folder with the data sets.")
    var data: String

    @Option(name: .customLong("set"), help: "Names of data sets, with commas between. Default: all in DIR.")
    var sets: String?

    @Option(
        name: [.customLong("shots"), .customLong("references")],
        help: "Good images to learn from. Default: what the method is made for.")
    var shots: Int?

    @Option(help: "Runs with seeds 0, 1, ..., each with the draw of that number.")
    var seeds = 3

    @Option(help: "Draws of the references, each run with every seed. Default: one for each seed.")
    var draws: Int?

    @Option(
        help: """
            What the parts are called, for methods that read, as in 'screw'; for one set another, as in \
            'part,kolektorsdd=commutator'. Default: the set's name.
            """)
    var className: ClassNames?

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

    @Option(
        help: """
            Maps and masks are compared at the input's shape with the area of a square of this side, or at the size of \
            each image: native.
            """)
    var evalSize = EvaluationSide(square: 256)

    @Option(help: "Standard deviation in pixels of a Gaussian over the maps at that size.")
    var smooth = 0.0

    @Option(help: "Thresholds of the AUPRO. Default: every distinct score.")
    var proSteps: Int?

    @Option(help: "Draws of images for the 95 % intervals; 0 for none.")
    var bootstrap = 1000

    @Option(
        help: """
            What says where a mark is, for 'fine' and 'fine-e': generated (rarity in its image), learned (by an encoder-decoder that is \
            trained on the images, for minutes), given (masks) or none.
            """
    )
    var auxiliary = DefectFeatures.Auxiliary.generated

    @Option(
        help:
            "A part of 'vtfusion' to leave out, to see what it is worth: text, shipped, fusion; with '--without shipped' also features or attention. May be repeated."
    )
    var without: [VTFusionPart] = []

    @Option(
        help:
            "A part of 'vtfusion' to add that is usually left out: training, adapters, segmentation; with '--without shipped' also block, and gate (of a block). May be repeated."
    )
    var with: [VTFusionPart] = []

    /// The parts of a trained method.
    var parts: Set<VTFusionPart> { VTFusionPart.usual.union(with).subtracting(without) }

    @Option(help: "What 'adaclip' judges by, to see what its parts are worth.")
    var evidence = ZeroShotEvidence.usual

    @Flag(help: "Also measure 'fine' without its parts: each auxiliary image, with and without a head.")
    var ablation = false

    @Option(help: "The name or the path of the model's package. Default: the method's own.")
    var model: String?

    @Option(
        help: """
            Compare with float32: the file that the trunk was imported from. 'patch', 'fusion' and 'vtfusion' are also taught \
            and judged by it, and verdicts, scores and maps are compared. Banks keep the patches at the same places.
            """)
    var float: String?

    @Flag(help: "With --float: each bank keeps what it would by itself, which is another product.")
    var ownBanks = false

    @Option(help: "Instruction set. Default: LINEWATCH_ISA, or the best.")
    var isa: String?

    @Option(help: "Score every Nth image only, for a quick look.")
    var every = 1

    @Flag(help: "End at the first image or mask that cannot be used, instead of naming and counting it.")
    var strict = false

    @Option(
        help: """
            Keep each finished run in this file, and take those that are there from it: an evaluation that was ended goes \
            on.
            """)
    var resume: String?

    @Option(help: "Write one page with curves and the worst misses to this .html file.")
    var report: String?

    @Flag(help: "Print one JSON document.")
    var json = false

    package init() {}

    /// --shots, or what the method is made for; 0 for one that sorts.
    var shotCount: Int { shots ?? method.detector?.usualShots ?? 0 }

    package func validate() throws {
        if let detector = method.detector, !detector.shots.contains(shotCount) {
            let range = "\(detector.shots.lowerBound) to \(detector.shots.upperBound)"
            throw ValidationError("--shots is \(range) for '\(method)', not \(shotCount).")
        }
        for (name, count) in [("seeds", seeds), ("draws", draws ?? 1)] where !(1...100 ~= count) {
            throw ValidationError("--\(name) is 1 to 100, not \(count).")
        }
        guard 0...64 ~= smooth else { throw ValidationError("--smooth is 0 to 64, not \(smooth).") }
        guard 2...1_000_000 ~= proSteps ?? 2 else {
            throw ValidationError("--pro-steps is 2 to 1000000, not \(proSteps ?? 0).")
        }
        guard bootstrap == 0 || 40...100_000 ~= bootstrap else {
            throw ValidationError("--bootstrap is 0, or 40 to 100000, not \(bootstrap).")
        }
        guard every >= 1 else { throw ValidationError("--every is at least 1, not \(every).") }
        for (name, isGiven) in [("without", !without.isEmpty), ("with", !with.isEmpty)]
        where isGiven && method.detector?.isTrained != true {
            throw ValidationError("--\(name) has nothing to do for '\(method)'. Leave it out.")
        }
        if float != nil, !ComparedMethod.names.contains(method.description) || resume != nil {
            throw ValidationError(
                "--float goes with \(ComparedMethod.names.joined(separator: ", ")), and not with --resume.")
        }
        if ownBanks, float == nil {
            throw ValidationError("--own-banks has nothing to do without --float. Leave it out.")
        }
        for (name, isGiven) in [("report", report != nil), ("resume", resume != nil)]
        where isGiven && method.sorter != nil {
            throw ValidationError("--\(name) has nothing to do for '\(method)'. Leave it out.")
        }
        if method.description == "fine-e", ![.generated, .given].contains(auxiliary) {
            throw ValidationError(
                "--auxiliary is generated or given for 'fine-e', not \(auxiliary.rawValue).")
        }
        if ablation, method.description != "fine" {
            throw ValidationError("--ablation has nothing to do for '\(method)'. Leave it out.")
        }
        if let report, !report.hasSuffix(".html") {
            throw ValidationError("'\(report)' is no name of a page. Let it end in .html.")
        }
    }

    package func run() throws {
        if method.detector?.isTrained == true { OpenBLAS.relaunchWithBestKernel() }
        if let sorter = method.sorter {
            let report = try sorted(by: sorter)
            print(json ? try jsonReport(report) : report.text)
            return
        }
        let evaluation = try evaluated()
        if let report { try writeAtomically(report, Array(evaluation.html.utf8)) }
        print(json ? try jsonText(evaluation.report) : evaluation.report.text)
    }

    /// Teaches and scores. Blocks, for minutes where the sets are large.
    package func measured() throws -> EvaluationReport { try evaluated().report }

    /// The report as --json prints it. Blocks, for minutes where the sets are large.
    package func measuredJSON() throws -> String {
        if let sorter = method.sorter { return try jsonReport(sorted(by: sorter)) }
        return try jsonText(measured())
    }

    /// The page as --report writes it. Blocks, for minutes where the sets are large.
    package func measuredPage() throws -> String { try evaluated().html }
}

extension Eval {
    /// The names of the sets that were asked for, or of all in `collection`.
    func names(in collection: ImageCollection) -> [String] {
        sets.map { $0.split(separator: ",").map(String.init) } ?? collection.manifest.dataSets
    }

    /// The package of --model, or `usual`. Its hashes are verified: the report states its digest.
    func package(usual: String) throws -> ModelPackage {
        let locator = ModelLocator.standard(environment: ProcessInfo.processInfo.environment)
        return try ModelPackage(opening: locator.find(model ?? usual), verifyingHashes: true)
    }

    /// The packages that `detector` takes beside, as far as they are there.
    func companions(_ detector: OfferedDetector) -> [ModelPackage] {
        let locator = ModelLocator.standard(environment: ProcessInfo.processInfo.environment)
        // One that is not there, or is damaged, is for the method to refuse if it needs it.
        return detector.companions.compactMap {
            try? ModelPackage(opening: locator.find($0), verifyingHashes: false)
        }
    }

    /// The sets whose images, or images that belong to them, one of the packages was trained on.
    func seenSets(
        _ package: ModelPackage, _ companions: [ModelPackage], in collection: ImageCollection
    ) -> Set<String> {
        TrainingSets(([package] + companions).flatMap { TrainingSets(of: $0).names })
            .seen(in: collection.manifest)
    }

    /// What a method is made of for `dataSet`.
    func setup(_ dataSet: String, _ package: ModelPackage, _ kernels: KernelTable) -> MethodSetup {
        MethodSetup(
            dataSet: dataSet, className: ClassNames.name(of: dataSet, className), package: package,
            kernels: kernels, input: MethodInput(size: input[dataSet], keepsAspect: keepAspect), views: views,
            auxiliary: auxiliary, parts: parts, evidence: evidence, ablates: ablation)
    }
}
