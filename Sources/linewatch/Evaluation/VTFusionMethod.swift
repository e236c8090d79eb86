import AnomalyModels
import Evaluation
import Foundation
import Imaging
import ModelPackages
import Training

/// VTFusion (reconstruction) as `linewatch eval` measures it: the fusion of nearest patches, what weights that ship add
/// to it, and, where it is asked for, a segmentation head trained for the product in a fixed number of steps.
struct VTFusionMethod: TwinMethod {
    static let isTrained = true
    private var patches: PatchMethod
    private let setup: MethodSetup
    private let shipped: ShippedWeights

    /// Loads the packages of the parts of `setup`. Throws what is wrong with one of them.
    init(_ setup: MethodSetup) throws {
        self.setup = setup
        let parts = setup.parts
        patches = PatchMethod(
            setup, fusion: parts.contains(.fusion) ? .standard : .distance)
        let locator = ModelLocator.standard(environment: ProcessInfo.processInfo.environment)
        func package(_ name: String) throws -> ModelPackage {
            try ModelPackage(opening: locator.find(name), verifyingHashes: true)
        }
        let head = parts.contains(.shipped) ? try SharedHead(of: package("vtfusion")) : nil
        if let made = head?.trunk, made.digest != setup.package.digest.description {
            throw CommandFailure(
                "The head of the package 'vtfusion' was made for '\(made.name)' \(made.digest.prefix(12)), not for "
                    + "'\(setup.package.manifest.name)'. Say '--without shipped', or train one for it.")
        }
        let own: [VTFusionPart] = [.features, .attention]
        if let left = own.first(where: { !parts.contains($0) }), head != nil {
            throw CommandFailure(
                "The head of the package 'vtfusion' has \(left.rawValue). '--without \(left.rawValue)' is for a head that is "
                    + "trained from nothing: say '--with training --without shipped' too.")
        }
        let missing: [(VTFusionPart, Bool, key: String)] = [
            (.block, head?.block != nil, "text"), (.gate, head?.block == .gated, "with"),
        ]
        for (part, isThere, key) in missing
        where parts.contains(part) && !isThere && (head != nil || !parts.isSuperset(of: [.training, .block]))
        {
            throw CommandFailure(
                "The head of the package 'vtfusion' has no \(part.rawValue). Say '--with training --with block --without "
                    + "shipped', or train one with the key '\(key)' in its recipe.")
        }
        var reading: ZeroShotMethod?
        let reads = parts.contains(.block) || head?.block != nil
        let words = parts.contains(.text) ? try ClassWords(names: [setup.className]) : .object
        var columns: ClassColumns?
        if case .clip = try Network(of: setup.package).architecture {
            // Its own text tower reads; the margin of the zero-shot head is of another trunk.
            if reads {
                columns = try ClassColumns(words, SentenceEncoder(setup.package, kernels: setup.kernels))
            }
        } else if parts.contains(.text) || reads {
            reading = try ZeroShotMethod(setup.with(package("adaclip")), words)
            columns = reading?.columns
        }
        shipped = ShippedWeights(
            margin: parts.contains(.text) ? reading?.margin : nil, head: head, columns: columns)
    }

    var threshold: Float? { patches.threshold }
    var goodScores: [Float] { patches.goodScores }
    var teaching: PatchTeaching? { patches.teaching }
    var trunk: PatchTrunk? { patches.trunk }

    mutating func learn(from references: [RGBImage], seed: Int, places: PatchTeaching?) throws {
        try patches.learn(from: references, seed: seed, places: places)
        guard let lesson = patches.lesson else { preconditionFailure("nothing was learned") }
        let additions = try lesson.additions(shipped, kernels: setup.kernels)
        try patches.take(additions, try head(lesson, from: additions.head, seed: seed))
    }

    /// A head trained for the product, if one is asked for and does better.
    private func head(
        _ lesson: HeadLesson, from start: SegmentationHead?, seed: Int
    ) throws -> SegmentationHead? {
        guard setup.parts.contains(.training) else { return nil }
        let practice = try SegmentationPractice(lesson, seed: UInt64(seed), kernels: setup.kernels)
        var training = SegmentationTraining()
        (training.seed, training.parts) = (UInt64(seed), VTFusionPart.trained(setup.parts))
        (training.start, training.shipped) = (start, shipped)
        return try training.run(
            practice, lesson, threads: max(1, ProcessInfo.processInfo.activeProcessorCount),
            kernels: setup.kernels
        ).head
    }

    mutating func detect(in image: RGBImage) throws -> Detection { try patches.detect(in: image) }
}
