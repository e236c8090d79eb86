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
    private let head: ClassHead
    let columns: ClassColumns
    private let evidence: ZeroShotEvidence
    private let trunk: ModelPackage
    private let kernels: KernelTable
    private let input: MethodInput
    private var detectors: [Use: any MapDetector] = [:]

    /// A detector for inputs of a size, with the head as it is or with other weights of what the sentences say.
    private struct Use: Hashable {
        let size: Size
        /// In the map and in the score of the image; nil: as the head has them.
        let weight: Float?
    }

    /// Loads the trunk and the text network that `setup.package` was trained with, and reads the class name.
    init(_ setup: MethodSetup) throws {
        try self.init(setup, ClassWords(names: [setup.className]))
    }

    /// The same for these words.
    init(_ setup: MethodSetup, _ words: ClassWords) throws {
        evidence = setup.evidence
        let locator = ModelLocator.standard(environment: ProcessInfo.processInfo.environment)
        let tower = try ClassHead.tower(of: setup.package)
        trunk = try ModelPackage(opening: locator.find(tower.name), verifyingHashes: true)
        head = try ClassHead(of: setup.package, tower: trunk).judging(by: evidence)
        let text = try ZeroShotHead.text(of: setup.package)
        let reader = try ModelPackage(opening: locator.find(text.name), verifyingHashes: true)
        guard reader.digest.description == text.digest else {
            throw ModelError.otherTower(
                directory: reader.directory, digest: reader.digest.description, wanted: text)
        }
        (kernels, input) = (setup.kernels, setup.input)
        let nothing = [Float](repeating: 0, count: head.columnWidth)
        columns =
            evidence == .anchors
            ? ClassColumns(normal: nothing, abnormal: nothing)
            : try ClassColumns(words, SentenceEncoder(reader, kernels: setup.kernels))
    }

    /// Nothing: it needs no references.
    mutating func learn(from _: [RGBImage], seed _: Int) {}

    var threshold: Float? { nil }

    /// What the head says of the class; nil of a head on a tower, which says nothing of a trunk's patches.
    var margin: ClassMargin? {
        if case .patches(let head) = head { ClassMargin(head, columns) } else { nil }
    }

    /// What splits NG from UNSURE as long as no good part is known.
    var limit: Float { head.limit }

    mutating func detect(in image: RGBImage) throws -> Detection {
        let tensor = try input.tensor(of: image, kernels)
        let usual = try detector(tensor.size, nil).detection(of: tensor.pixels)
        guard evidence.dividesMargin else { return usual }
        let alone = MarginAlone(
            try detector(tensor.size, 1).detection(of: tensor.pixels),
            try detector(tensor.size, 0).detection(of: tensor.pixels))
        let (score, map) =
            switch evidence {
            case .softmax:
                (
                    MarginAlone.softmax(alone.image, temperature: head.temperature),
                    alone.map.map { MarginAlone.softmax($0, temperature: head.temperature) }
                )
            default: (alone.image, alone.map)
            }
        return Detection(
            score: score, map: ScoreMap(size: usual.map.size, scores: map), inputSize: usual.inputSize,
            nanoseconds: usual.nanoseconds)
    }

    private mutating func detector(_ size: Size, _ weight: Float?) throws -> any MapDetector {
        let use = Use(size: size, weight: weight)
        if let known = detectors[use] { return known }
        let weighed = weight.map { head.weighing(map: $0, image: $0 * MarginAlone.imageWeight) } ?? head
        let made = try weighed.detector(columns, tower: trunk, size: size, kernels: kernels, pool: .init())
        detectors[use] = made
        return made
    }
}
