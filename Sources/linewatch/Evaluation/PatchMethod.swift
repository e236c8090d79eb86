import AnomalyModels
import Evaluation
import Imaging
import Inference
import Inspection
import Kernels
import ModelPackages
import Platform

/// The nearest patch of a few good parts, alone or with a fusion, as `linewatch eval` measures it.
struct PatchMethod: TwinMethod {
    static let isTrained = false
    private let trunks: PatchTrunks
    private let fusion: PatchFusion?
    private let kernels: KernelTable
    private let input: MethodInput
    private let views: ReferenceViews?
    private var bank: PatchBank?
    /// What was learned last, and from which inputs.
    private(set) var teaching: PatchTeaching?
    private var tensors: [(pixels: [UInt8], size: Size)] = []
    private var detectors: [Size: PatchDetector] = [:]
    /// The one that looked at the last image.
    private(set) var trunk: PatchTrunk?
    /// The scores that the limit is taken from: those of good parts before banks that do not know them.
    private(set) var goodScores: [Float] = []
    /// The provisional one of METHODS.md 1.2.
    var threshold: Float? { goodScores.max() }
    /// Nanoseconds that learning took, the limit left out.
    private(set) var teachTime = 0

    init(_ setup: MethodSetup, fusion: PatchFusion?) {
        trunks = PatchTrunks(setup.package, float: setup.float, kernels: setup.kernels, pool: TensorPool())
        (self.fusion, kernels, input, views) = (fusion, setup.kernels, setup.input, setup.views)
    }

    mutating func learn(from references: [RGBImage], seed _: Int, places: PatchTeaching?) throws {
        detectors = [:]
        tensors = try references.map { try input.tensor(of: $0, kernels) }
        let isSquare = tensors.allSatisfy { $0.size.width == $0.size.height }
        let start = MonotonicClock.now
        var teaching = PatchTeaching(
            trunks, views: views ?? (isSquare ? .turned : .mirrored), fusion: fusion,
            places: places)
        for tensor in tensors { try teaching.add(tensor.pixels, size: tensor.size) }
        bank = try teaching.bank()
        self.teaching = teaching
        teachTime = MonotonicClock.now - start
        goodScores = try teaching.leaveOneOutScores(tensors)
    }

    /// What a segmentation head is trained with, once something was learned.
    var lesson: HeadLesson? {
        teaching.map { teaching in
            HeadLesson(
                teaching,
                tiles: tensors.enumerated().map { .init(part: $0, pixels: $1.pixels, size: $1.size) })
        }
    }

    /// Judges with `additions`, and with `head` in the place of theirs, from now on.
    mutating func take(_ additions: ShippedAdditions, _ head: SegmentationHead?) throws {
        bank = bank.map { additions.added(to: $0) }
        if let head { bank = bank?.with(head) }
        detectors = [:]
        goodScores = try teaching?.leaveOneOutScores(tensors, additions, head: head) ?? []
    }

    mutating func detect(in image: RGBImage) throws -> Detection {
        let tensor = try input.tensor(of: image, kernels)
        let detector = try detector(tensor.size)
        trunk = detector.trunk
        return detector.detection(of: tensor.pixels)
    }

    private mutating func detector(_ size: Size) throws(ModelError) -> PatchDetector {
        if let known = detectors[size] { return known }
        guard let bank else { preconditionFailure("nothing was learned") }
        let made = try PatchDetector(bank, on: trunks.trunk(size), kernels: kernels)
        detectors[size] = made
        return made
    }
}

/// How an image becomes the input of a network.
struct MethodInput {
    let size: Size
    let keepsAspect: Bool

    /// The size for an image of `image`. With its proportions kept: sides in multiples of 32, at least 64, of about
    /// the same area.
    func size(for image: Size) -> Size {
        keepsAspect ? PatchDetector.keptProportions(image, area: size.pixelCount) : size
    }

    /// `image` as networks read it: RGB bytes `[height, width, 3]`.
    func tensor(of image: RGBImage, _ kernels: KernelTable) throws(ImagingError) -> (
        pixels: [UInt8], size: Size
    ) {
        let size = size(for: image.size)
        let plan = try CameraPlan(
            format: .rgb24, frame: image.size, crop: Region(all: image.size), output: size, range: .full,
            scale: SIMD3(repeating: 1), offset: .zero)
        return (image.withView { plan.tensor(of: $0, with: kernels) }, size)
    }
}
