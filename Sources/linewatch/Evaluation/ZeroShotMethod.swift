import AnomalyModels
import Evaluation
import Foundation
import Imaging
import Inference
import Kernels
import ModelPackages

/// AdaCLIP-E from a class name, as `linewatch eval` measures it.
struct ZeroShotMethod: DetectionMethod {
    static let isTrained = false
    private let head: ZeroShotHead
    let columns: ClassColumns
    private let evidence: ZeroShotEvidence
    private let trunk: ModelPackage
    private let kernels: KernelTable
    private let input: MethodInput
    private var detectors: [Use: ZeroShotDetector] = [:]

    /// A detector for inputs of a size, with the head's weights of what the sentences say.
    private struct Use: Hashable {
        let size: Size
        let mapWeight: Float
        let imageWeight: Float
    }

    /// Loads the trunk and the text network that `setup.package` was trained with, and reads the class name.
    init(_ setup: MethodSetup) throws {
        try self.init(setup, ClassWords(names: [setup.className]))
    }

    /// The same for these words.
    init(_ setup: MethodSetup, _ words: ClassWords) throws {
        evidence = setup.evidence
        let shipped = try ZeroShotHead(of: setup.package)
        head = evidence == .rarity ? shipped.weighing(map: 0, image: 0) : shipped
        let locator = ModelLocator.standard(environment: ProcessInfo.processInfo.environment)
        trunk = try ModelPackage(opening: locator.find(head.trunk.name), verifyingHashes: true)
        let text = try ZeroShotHead.text(of: setup.package)
        let reader = try ModelPackage(opening: locator.find(text.name), verifyingHashes: true)
        guard reader.digest.description == text.digest else {
            throw ModelError.otherTower(
                directory: reader.directory, digest: reader.digest.description, wanted: text)
        }
        (kernels, input) = (setup.kernels, setup.input)
        let nothing = [Float](repeating: 0, count: ZeroShotHead.width)
        columns =
            evidence == .anchors
            ? ClassColumns(normal: nothing, abnormal: nothing)
            : try ClassColumns(words, SentenceEncoder(reader, kernels: setup.kernels))
    }

    /// Nothing: it needs no references.
    mutating func learn(from _: [RGBImage], seed _: Int) {}

    var threshold: Float? { nil }

    /// What the head says of the class.
    var margin: ClassMargin { ClassMargin(head, columns) }

    /// What splits NG from UNSURE as long as no good part is known.
    var limit: Float { head.limit }

    mutating func detect(in image: RGBImage) throws -> Detection {
        let tensor = try input.tensor(of: image, kernels)
        let usual = try detector(tensor.size, head).detection(of: tensor.pixels)
        guard evidence.dividesMargin else { return usual }
        let weighed = head.weighing(map: 1, image: MarginAlone.imageWeight)
        let rarity = try detector(tensor.size, head.weighing(map: 0, image: 0)).detection(of: tensor.pixels)
        let alone = MarginAlone(
            try detector(tensor.size, weighed).detection(of: tensor.pixels), rarity)
        let (score, map) =
            switch evidence {
            case .softmax: (MarginAlone.softmax(alone.image), alone.map.map(MarginAlone.softmax))
            default: (alone.image, alone.map)
            }
        return Detection(
            score: score, map: ScoreMap(size: usual.map.size, scores: map), inputSize: usual.inputSize,
            nanoseconds: usual.nanoseconds)
    }

    private mutating func detector(_ size: Size, _ head: ZeroShotHead) throws -> ZeroShotDetector {
        let use = Use(size: size, mapWeight: head.mapWeight, imageWeight: head.imageWeight)
        if let known = detectors[use] { return known }
        let made = try ZeroShotDetector(
            head, columns, trunk: trunk, size: size, kernels: kernels, pool: .init())
        detectors[use] = made
        return made
    }
}
