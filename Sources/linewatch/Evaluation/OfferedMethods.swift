import AnomalyModels
import ArgumentParser
import Evaluation
import Kernels
import ModelPackages
import Training

/// The methods that `linewatch eval` can run. A method is added here and nowhere else: the option, its help, its
/// checks and the reports follow.
enum OfferedMethods {
    /// Those that find defects.
    static let detectors = [
        OfferedDetector(
            name: "patch", summary: "the nearest patch of a few good parts.", model: "efficientnet-lite0",
            shots: 1...64, usualShots: 2
        ) { PatchMethod($0, fusion: nil) },
        OfferedDetector(
            name: "fusion", summary: "the same, joined with how rare each patch is in its own image.",
            model: "efficientnet-lite0", shots: 1...64, usualShots: 2
        ) { PatchMethod($0, fusion: .standard) },
        OfferedDetector(
            name: "vtfusion",
            summary:
                "the same with a class name, a fusion block and a segmentation network (a reconstruction).",
            model: "efficientnet-lite0", companions: ["adaclip", "vtfusion"], shots: 1...64, usualShots: 2,
            isTrained: true
        ) { try VTFusionMethod($0) },
        OfferedDetector(
            name: "pca", summary: "what principal components of the good parts' patches leave unexplained.",
            model: "efficientnet-lite0", shots: 1...64, usualShots: 2
        ) { ComponentMethod(trunk: $0.package, kernels: $0.kernels, input: $0.input, views: $0.views) },
        OfferedDetector(
            name: "adaclip", summary: "zero-shot, from a class name and no good part.", model: "adaclip",
            shots: 0...0, usualShots: 0
        ) { try ZeroShotMethod($0) },
    ]

    /// Those that sort defective images by kind.
    static let sorters = [
        OfferedSorter(
            name: "kmeans",
            summary: "sorts the defective images by kind, by the mean of frozen features, principal "
                + "components and k-means; printed are NMI, ARI and accuracy.",
            model: "efficientnet-lite0"
        ) { PooledFeatures(trunk: $0.package, kernels: $0.kernels, input: $0.input) },
        OfferedSorter(
            name: "fine",
            summary: "sorts them by what is rare in each image, in six views, with a head that is trained "
                + "without labels.",
            model: "efficientnet-lite0"
        ) {
            try FineMethod(
                trunk: $0.package, kernels: $0.kernels, input: $0.input, auxiliary: $0.auxiliary,
                keepsAll: $0.ablates)
        },
        OfferedSorter(
            name: "fine-e",
            summary: "sorts them by what the daemon says of the mark of each, in one pass, and k-means.",
            model: "fine"
        ) { try DescribedMethod($0) },
    ]
}

/// A method that finds defects.
struct OfferedDetector: Sendable {
    /// What --method calls it.
    let name: String
    /// What the help says of it, as a sentence without its name.
    let summary: String
    /// The package that it takes where --model names none.
    let model: String
    /// Packages that it takes beside.
    var companions: [String] = []
    /// How many good parts it can be taught with; 0 among them if it needs none.
    let shots: ClosedRange<Int>
    /// How many it is taught with where --shots names no number.
    let usualShots: Int
    /// Whether it is trained for each product.
    var isTrained = false
    /// Makes one for one data set.
    let make: @Sendable (MethodSetup) throws -> any DetectionMethod
}

/// A method that sorts defective images by kind.
struct OfferedSorter: Sendable {
    let name: String
    let summary: String
    let model: String
    let make: @Sendable (MethodSetup) throws -> any ClusteringMethod
}

/// What a method is made of, for one data set.
struct MethodSetup {
    let dataSet: String
    /// What the parts are called, for methods that read.
    let className: String
    /// The package of --model, or the method's own.
    let package: ModelPackage
    let kernels: KernelTable
    let input: MethodInput
    /// As --views has it; nil: the method decides.
    let views: ReferenceViews?
    /// Where a mark is, for methods that sort.
    var auxiliary = DefectFeatures.Auxiliary.generated
    /// Those of a trained method.
    var parts = VTFusionPart.usual
    /// What a zero-shot method judges by.
    var evidence = ZeroShotEvidence.usual
    /// Weights to run the trunk of --model in float32; nil for int8.
    var float: FloatSource?
    /// Keeps what it takes to measure the method's parts one by one.
    var ablates = false

    /// The same with the package of another method.
    func with(_ package: ModelPackage) -> MethodSetup {
        MethodSetup(
            dataSet: dataSet, className: className, package: package, kernels: kernels, input: input,
            views: views)
    }
}

/// The name of an offered method.
struct MethodName: CustomStringConvertible {
    let description: String

    /// Throws `ValidationError` with all names if there is none of this name.
    init(named name: String) throws {
        guard Self.all.contains(name) else {
            throw ValidationError("Give one of \(Self.all.joined(separator: ", ")).")
        }
        description = name
    }

    init(_ detector: OfferedDetector) { description = detector.name }

    private static var all: [String] {
        OfferedMethods.detectors.map(\.name) + OfferedMethods.sorters.map(\.name)
    }

    /// nil for one that sorts.
    var detector: OfferedDetector? { OfferedMethods.detectors.first { $0.name == description } }
    /// nil for one that finds.
    var sorter: OfferedSorter? { OfferedMethods.sorters.first { $0.name == description } }

    /// For the help of the option.
    static var summaries: String {
        (OfferedMethods.detectors.map { "\($0.name): \($0.summary)" }
            + OfferedMethods.sorters.map { "\($0.name): \($0.summary)" }).joined(separator: " ")
    }
}

/// What parts are called as an argument: a name for all sets, or "SET=NAME" for each, with commas between.
struct ClassNames: ExpressibleByArgument, CustomStringConvertible {
    let description: String
    private var standard: String?
    private var others: [String: String] = [:]

    init?(argument: String) {
        description = argument
        for (index, part) in argument.split(separator: ",", omittingEmptySubsequences: false).enumerated() {
            let words = part.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
            guard !words.contains("") else { return nil }
            switch words.count {
            case 1 where index == 0: standard = words[0]
            case 2: others[words[0]] = words[1]
            default: return nil
            }
        }
    }

    /// The name for `dataSet`; nil if none was given for it.
    subscript(dataSet: String) -> String? { others[dataSet] ?? standard }

    /// What the parts of `dataSet` are called: as `names` has it, else the set's own name in words.
    static func name(of dataSet: String, _ names: ClassNames?) -> String {
        names?[dataSet] ?? dataSet.replacing("_", with: " ").replacing("-", with: " ")
    }
}
