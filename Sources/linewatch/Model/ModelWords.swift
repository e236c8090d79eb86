import AnomalyModels
import ArgumentParser
import Evaluation
import FoundationEssentials
import Imaging
import Kernels
import ModelPackages
import Platform
import SimulatedLine
import TOMLKit
import Training

/// `linewatch model words`: how often a model finds the right words for pictures.
struct ModelWords: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "words",
        abstract: "Measures how often a model finds the right words for a picture.",
        discussion: """
            Shows a LiteVL practice pictures of designs that it was not trained on and asks which of all kinds they are, \
            and in which state. With --data also which of the surfaces in --names each image of a folder of data sets \
            shows; --names is a TOML file with a list of names for each data set, as in Models/litevl/surfaces.toml.
            """
    )

    @Argument(help: "The name or the path of the package.")
    var name = "litevl"

    @Option(help: "Practice pictures; 0 for none.")
    var pictures = 1472

    @Option(help: "The first of the designs, none of which was trained on if it is beyond the recipe's.")
    var seed: UInt64 = 1_000_004

    @Option(help: "A folder of data sets.")
    var data: String?

    @Option(help: "The names of what each data set shows, a TOML file.")
    var names: String?

    @Option(help: "Look at every Nth image of a data set only.")
    var every = 1

    @Option(help: "The package that reads sentences.")
    var text = "minilm"

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        guard (data == nil) == (names == nil) else {
            throw ValidationError("--data and --names go together.")
        }
        guard 0...1_000_000 ~= pictures, every > 0 else {
            throw ValidationError("--pictures is 0 to 1000000 and --every at least 1.")
        }
    }

    func run() throws {
        let locator = ModelLocator.standard(environment: ProcessInfo.processInfo.environment)
        let kernels = try ModelChoice.kernels(nil)
        let package = try ModelPackage(opening: locator.find(name), verifyingHashes: false)
        let encoder = try PictureEncoder(package, kernels: kernels)
        let phrases = PhraseEncoder(
            try SentenceEncoder(
                ModelPackage(opening: locator.find(text), verifyingHashes: false), kernels: kernels))
        var rows: [WordsRow] = []
        if pictures > 0 {
            rows += try PracticeWords(heldOut: Self.heldOut(package), phrases).rows(
                encoder, pictures: pictures, seed: seed)
        }
        if let data, let names {
            rows += try SurfaceWords(names: names, phrases).rows(
                encoder, ImageCollection(folder: data), every: every, kernels)
        }
        print(json ? try jsonText(rows) : table([WordsRow.heads] + rows.map(\.cells)))
    }

    /// The kinds that the package was not trained on.
    private static func heldOut(_ package: ModelPackage) -> [String] {
        guard case .string(let kinds)? = package.manifest.configuration["heldOut"] else { return [] }
        return kinds.components(separatedBy: ", ")
    }
}

/// One line of the table.
struct WordsRow: Encodable {
    let asked: String
    let images: Int
    /// Percent.
    let right: Double
    let low: Double
    let high: Double
    let chance: Double

    static let heads = ["asked", "images", "right %", "95 %", "chance %"]

    init(_ asked: String, _ retrieval: WordRetrieval, chance: Double) {
        let interval = retrieval.interval(draws: 1000, seed: 1)
        (self.asked, images) = (asked, retrieval.count)
        (right, low, high) = (100 * retrieval.mean, 100 * interval.lowerBound, 100 * interval.upperBound)
        self.chance = 100 * chance
    }

    var cells: [String] {
        [
            asked, "\(images)", decimals(right, 1), "\(decimals(low, 1))-\(decimals(high, 1))",
            decimals(chance, 1),
        ]
    }
}
