public import Imaging

/// What a method says of one image.
public struct Detection: Sendable {
    /// Higher is more anomalous.
    public let score: Float
    /// The score of each pixel, in whatever size the method gives it.
    public let map: ScoreMap
    /// The size that the method looked at the image in.
    public let inputSize: Size
    /// From the input to the score, decoding and scaling left out.
    public let nanoseconds: Int

    public init(score: Float, map: ScoreMap, inputSize: Size, nanoseconds: Int) {
        (self.score, self.map) = (score, map)
        (self.inputSize, self.nanoseconds) = (inputSize, nanoseconds)
    }
}

/// A way to find defects: taught with a few good images, or with none.
public protocol DetectionMethod {
    /// Whether it is trained, so that another seed gives another result on the same references.
    static var isTrained: Bool { get }

    /// Forgets what it knew and learns from `references`, good images of one product. Blocks.
    mutating func learn(from references: [RGBImage], seed: Int) throws

    /// The score above which an image is called defective, fixed on the references alone; nil if they do not
    /// suffice for one.
    var threshold: Float? { get }

    /// Looks at one image. Blocks.
    mutating func detect(in image: RGBImage) throws -> Detection
}

/// A way to sort defective images by kind, without labels.
public protocol ClusteringMethod {
    /// Takes in one image. Blocks.
    mutating func add(_ image: RGBImage) throws

    /// Takes in one image of which the file `mask`, if there is one, says where the defect is. Blocks.
    mutating func add(_ image: RGBImage, mask: String?) throws

    /// The cluster of each image added, in their order, of `count` clusters. Blocks.
    func clusters(count: Int, seed: Int) throws -> [Int]
}

extension ClusteringMethod {
    /// Without a look at the mask.
    public mutating func add(_ image: RGBImage, mask _: String?) throws { try add(image) }
}

/// The size at which maps and masks are compared.
public enum EvaluationSize: Hashable, Sendable {
    /// The shape of the method's input, with the area of a square of this side.
    case square(Int)
    /// That of each image.
    case native

    /// For an `image` that is looked at in `input`.
    public func size(input: Size, image: Size) -> Size {
        guard case .square(let side) = self else { return image }
        let factor = Double(side) / Double(input.pixelCount).squareRoot()
        let scaled = { (length: Int) in max(1, Int((Double(length) * factor).rounded())) }
        return Size(width: scaled(input.width), height: scaled(input.height))
    }
}
