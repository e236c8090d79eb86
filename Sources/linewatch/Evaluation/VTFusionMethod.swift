import AnomalyModels
import Evaluation
import Foundation
import Imaging
import Platform
import Training

/// VTFusion (reconstruction) as `linewatch eval` measures it: the fusion of nearest patches, and a segmentation head
/// trained for the product in a fixed number of steps.
struct VTFusionMethod: DetectionMethod {
    static let isTrained = true
    private var patches: PatchMethod
    private let setup: MethodSetup

    init(_ setup: MethodSetup) {
        self.setup = setup
        patches = PatchMethod(
            trunk: setup.package, fusion: .standard, kernels: setup.kernels, input: setup.input,
            views: setup.views)
    }

    var threshold: Float? { patches.threshold }

    mutating func learn(from references: [RGBImage], seed: Int) throws {
        try patches.learn(from: references, seed: seed)
        guard let lesson = patches.lesson else { preconditionFailure("nothing was learned") }
        let t0 = MonotonicClock.now
        let practice = try SegmentationPractice(lesson, seed: UInt64(seed), kernels: setup.kernels)
        try? FileManager.default.createDirectory(atPath: "/tmp/lead/sheets", withIntermediateDirectories: true)
        try Data(practice.sheet.encodedAsPNG()).write(to: URL(filePath: "/tmp/lead/sheets/\(setup.dataSet)-\(seed).png"))
        let t1 = MonotonicClock.now
        var training = SegmentationTraining()
        training.seed = UInt64(seed)
        training.without = setup.leftOut
        if let x = ProcessInfo.processInfo.environment["LW_STRENGTH"] { training.strength = Float(x)! }
        let result = try training.run(
            practice, lesson, threads: max(1, ProcessInfo.processInfo.activeProcessorCount),
            kernels: setup.kernels)

        print("DEBUG", setup.dataSet, seed, (t1 - t0) / 1_000_000, (MonotonicClock.now - t1) / 1_000_000, result.before, result.after, result.loss, result.head?.weight ?? -1, try lesson.teaching.strangeness())
        if let head = result.head { try patches.take(head) }
    }

    mutating func detect(in image: RGBImage) throws -> Detection { try patches.detect(in: image) }
}
