import AnomalyModels
import Imaging
import Inference
import Kernels
import ModelPackages
import Platform

/// A head with random weights on the trunk that comes with the sources, and columns that no text network made.
enum ZeroShotFixture {
    static let hidden = 16
    static let channels = [40, 112, 192]

    static func head(mapWeight: Float = 0.02, imageWeight: Float = 0.02) throws -> ZeroShotHead {
        var random = SplitMix64(seed: 11)
        var tensors: [String: [Float]] = [:]
        for (name, shape) in ZeroShotHead.shapes(hidden: hidden, channels: channels) {
            let count = shape.reduce(1, *), scale = 1 / Float(shape.last ?? 1).squareRoot()
            tensors[name] = (0..<count).map { _ in scale * number(&random) }
        }
        let trunk = try PatchFixture.trunk()
        return ZeroShotHead(
            trunk: .init(name: trunk.manifest.name, digest: trunk.digest.description), hidden: hidden,
            channels: channels, tensors: tensors, temperature: 0.07, mapWeight: mapWeight,
            imageWeight: imageWeight, limit: 0.9, median: 0.5)
    }

    static func columns() -> ClassColumns {
        var random = SplitMix64(seed: 12)
        let vectors = (0..<2).map { _ in
            let values = (0..<ZeroShotHead.width).map { _ in number(&random) }
            let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return values.map { $0 / length }
        }
        return ClassColumns(normal: vectors[0], abnormal: vectors[1])
    }

    static func detector(
        _ head: ZeroShotHead, _ instructions: InstructionSet = .best
    ) throws -> ZeroShotDetector {
        try ZeroShotDetector(
            head, columns(), trunk: PatchFixture.trunk(), size: PatchFixture.size,
            kernels: KernelTable(instructions), pool: TensorPool())
    }

    /// The score and the map of `pixels`.
    static func scores(_ pixels: [UInt8], _ detector: ZeroShotDetector) -> (score: Float, map: [Float]) {
        unsafe detector.withInput { input in unsafe input.copyBytes(from: pixels) }
        let score = detector.run()
        return unsafe (score, detector.withMap { unsafe Array($0) })
    }

    /// -1...1.
    static func number(_ random: inout SplitMix64) -> Float {
        Float(Int64(random.next() >> 40)) / Float(1 << 23) - 1
    }
}
