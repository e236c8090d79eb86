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
    private let columns: ClassColumns
    private let trunk: ModelPackage
    private let kernels: KernelTable
    private let input: MethodInput
    private var detectors: [Size: ZeroShotDetector] = [:]

    /// Loads the trunk and the text network that `setup.package` was trained with, and reads the class name.
    init(_ setup: MethodSetup) throws {
        try self.init(setup, ClassWords(names: [setup.className]))
    }

    /// The same for these words.
    init(_ setup: MethodSetup, _ words: ClassWords) throws {
        head = try ZeroShotHead(of: setup.package)
        let locator = ModelLocator.standard(environment: ProcessInfo.processInfo.environment)
        trunk = try ModelPackage(opening: locator.find(head.trunk.name), verifyingHashes: true)
        let text = try ZeroShotHead.text(of: setup.package)
        let reader = try ModelPackage(opening: locator.find(text.name), verifyingHashes: true)
        guard reader.digest.description == text.digest else {
            throw ModelError.otherTower(
                directory: reader.directory, digest: reader.digest.description, wanted: text)
        }
        (kernels, input) = (setup.kernels, setup.input)
        columns = try ClassColumns(
            words, SentenceEncoder(reader, kernels: setup.kernels))
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
        return try detector(tensor.size).detection(of: tensor.pixels)
    }

    private mutating func detector(_ size: Size) throws -> ZeroShotDetector {
        if let known = detectors[size] { return known }
        let made = try ZeroShotDetector(
            head, columns, trunk: trunk, size: size, kernels: kernels, pool: .init())
        detectors[size] = made
        return made
    }
}
