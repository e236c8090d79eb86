import AnomalyModels
import ArgumentParser
import FoundationEssentials
import ModelPackages

/// `linewatch model import`: a published checkpoint becomes a package in int8.
struct ModelImport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Makes a model package from a published checkpoint.",
        discussion: """
            Reads safetensors files of EfficientNet-Lite, all-MiniLM-L6-v2 and CLIP ViT. Recognises the network, \
            quantises it to int8, compares it with float32 on inputs that it was not fitted on, and refuses it if a \
            block's mean cosine is below 0.998 or its relative L2 above 0.06 (EfficientNet-Lite: 0.97 and 0.25). \
            Without --calibration it is fitted on procedural patterns.
            With --adaclip, packs a CLIP in float32 with its AdaCLIP heads instead, for 'linewatch model fidelity'. \
            Heads that name another tower, or do not fit, are refused.
            """
    )

    @Argument(help: "The checkpoint, a safetensors file.")
    var file: String

    @Option(help: "What the package is called. Default: the name of the network.")
    var name: String?

    @Option(help: "The folder that the package's folder is made in. Default: the first of LINEWATCH_MODELS.")
    var output: String?

    @Option(help: "A folder of images to calibrate on.")
    var calibration: String?

    @Option(
        help:
            "What a CLIP was trained with: \(Architecture.Activation.allCases.map(\.rawValue).joined(separator: ", "))."
    )
    var activation: Architecture.Activation?

    @Option(help: "The tokenizer's vocabulary: vocab.txt of MiniLM, the unpacked merges of CLIP.")
    var vocabulary: String?

    @Option(
        help:
            "Compute a part of a transformer more finely than in int8: products in float32, attention's probabilities in 16 bits. Such as vision.layer11.fc2, or vision.heads for every layer, which is what a CLIP gets unless told otherwise; none: nothing. May be repeated."
    )
    var finer: [String] = []

    @Option(help: "How far the channels of a transformer are evened out between rows and weights (0...1).")
    var equalisation = 0.5

    @Option(help: "AdaCLIP heads that were trained on this CLIP, a safetensors file.")
    var adaclip: String?

    @Option(help: "Where the checkpoint can be had, for the manifest.")
    var origin = "unknown"

    @Option(help: "The licence of the checkpoint, as an SPDX identifier, for the manifest.")
    var licence = "unknown"

    @Flag(help: "Write the package even if it is too inaccurate in int8, and say so in its manifest.")
    var force = false

    @Flag(help: "Replace a package of the same name.")
    var replace = false

    @Flag(help: "Print one JSON document.")
    var json = false

    struct Report: Encodable {
        let schema = "linewatch.model.import/1"
        let name: String
        let path: String
        let architecture: String
        let bytes: Int
        let sha256: String
        let accuracy: [String: Double]
    }

    func validate() throws {
        guard 0...1 ~= equalisation else {
            throw ValidationError("--equalisation is 0 to 1, not \(equalisation).")
        }
        guard adaclip != nil else { return }
        if calibration != nil || force || !finer.isEmpty || equalisation != 0.5 {
            throw ValidationError(
                "--adaclip quantises nothing. Leave --calibration, --force, --finer and --equalisation out.")
        }
        if vocabulary == nil {
            throw ValidationError(
                "--adaclip reads sentences. Give the merges of CLIP with --vocabulary FILE.")
        }
    }

    func run() throws {
        if let adaclip, let vocabulary { return try importFidelity(heads: adaclip, vocabulary) }
        let images = try calibration.map { try ImageSamples(folder: $0) } ?? .patterns
        let importer = try ModelImporter(checkpoint: file, activation: activation)
        var request = ModelImporter.Request(name: name ?? importer.network.architectureName)
        request.images = images
        request.vocabulary = try vocabulary.map { ($0, try bytes(of: $0)) }
        request.origin = origin
        request.licence = licence
        request.isForced = force
        request.replaces = replace
        if !finer.isEmpty { request.finer = finer.filter { $0 != "none" } }
        request.equalisation = Float(equalisation)
        let locator = ModelLocator.standard(environment: ProcessInfo.processInfo.environment)
        let folder = (output ?? locator.directories.first ?? ".") + "/" + request.name

        var bar = ProgressBar()
        defer { bar.finish() }
        let report = try importer.write(request, to: folder) { bar.show($0.rawValue, $1, of: $2) }
        bar.finish()
        bar = ProgressBar()
        print(json ? try jsonText(Report(report)) : text(report))
    }

    /// The bytes of a file. Throws if it cannot be read.
    func bytes(of path: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ValidationError("The vocabulary '\(path)' cannot be read.")
        }
        return Array(data)
    }

    private func text(_ report: ModelImporter.Report) -> String {
        let manifest = report.package.manifest
        let rows = report.taps.map { [$0.name, decimals($0.cosine, 5), decimals($0.relativeL2, 4)] }
        let bytes = manifest.files.reduce(0) { $0 + $1.bytes }
        return table([["int8 against float32", "cosine", "relative L2"]] + rows)
            + "\n\(manifest.name) \(manifest.version), \(manifest.architecture), \(decimals(Double(bytes) / 1e6, 1)) MB, "
            + "in \(report.package.directory)"
    }
}

extension ModelImport.Report {
    init(_ report: ModelImporter.Report) {
        let manifest = report.package.manifest
        name = manifest.name
        path = report.package.directory
        architecture = manifest.architecture
        bytes = manifest.files.reduce(0) { $0 + $1.bytes }
        sha256 = report.package.digest.description
        accuracy = manifest.accuracy
    }
}

extension Architecture.Activation: ExpressibleByArgument {}
