import AnomalyModels
import Evaluation
import Foundation
import Imaging
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
        let practice = try SegmentationPractice(lesson, seed: UInt64(seed), kernels: setup.kernels)
        var training = SegmentationTraining()
        (training.seed, training.parts) = (UInt64(seed), setup.parts)
        let result = try training.run(
            practice, lesson, threads: max(1, ProcessInfo.processInfo.activeProcessorCount),
            kernels: setup.kernels)
        if let head = result.head { try patches.take(head) }
    }

    mutating func detect(in image: RGBImage) throws -> Detection { try patches.detect(in: image) }
}
