import AnomalyModels
import Foundation
import ModelPackages
import Platform

/// Packages with random weights: a CLIP that sees and reads, or the LiteVL that comes with the sources, and a head with
/// prompts for it, installed as 'adaclip'.
enum PromptedModels {
    static let clip = Architecture.Clip(
        vision: .init(width: 64, patch: 16, grid: 4, layers: 4),
        text: .init(width: 64, vocabularySize: 514, contextLength: 128, layers: 2), embeddingWidth: 64,
        activation: .quickGELU)

    /// Writes a CLIP called `name`; other `seed`s give other weights.
    static func writeTower(to folder: String, name: String = "tower", seed: UInt64 = 1) throws -> ModelPackage
    {
        var weights = FloatWeights(), random = SplitMix64(seed: seed)
        for (name, shape) in Architecture.clipShapes(of: clip).sorted(by: { $0.key < $1.key }) {
            let isGain = name.contains("norm") && name.hasSuffix(".weight")
            weights.tensors[name] = (shape, drawn(shape, &random).map { isGain ? 1 + 0.1 * $0 : $0 })
        }
        var package = try PackageBuilder(Network(.clip(clip)), weights: weights, calibration: nil)
            .package(name: name, version: "1.0.0")
        // Every word is spelled by its bytes: there are no merges.
        package.add("merges.txt", Array("#version: 0.2\n".utf8))
        return try package.write(to: folder + "/" + name, replacing: true)
    }

    /// Writes a head for `tower`, whose sentences `text` reads.
    static func writeHead(to folder: String, for tower: ModelPackage, text: ModelPackage) throws {
        guard let layout = PromptLayout(try Network(of: tower), kind: .dynamic) else { throw NoTower() }
        var tensors: [String: [Float]] = [:], random = SplitMix64(seed: 5)
        for (name, shape) in PromptedHead.shapes(layout) { tensors[name] = drawn(shape, &random) }
        let head = PromptedHead(
            tower: .init(name: tower.manifest.name, digest: tower.digest.description), layout: layout,
            tensors: tensors, temperature: 0.07, peakWeight: 0.5,
            choices: .init(
                fusion: .clusters, usesRarity: true, mapWeight: 0.03, imageWeight: 0.02, limit: 0.9,
                median: 0.5))
        _ = try head.package(
            name: "adaclip", version: "1.0.0",
            text: .init(name: text.manifest.name, digest: text.digest.description)
        ).write(to: folder + "/adaclip", replacing: true)
    }

    struct NoTower: Error {}

    private static func drawn(_ shape: [Int], _ random: inout SplitMix64) -> [Float] {
        let scale = 1 / Float(shape.count > 1 ? shape.dropFirst().reduce(1, *) : 4).squareRoot()
        return (0..<shape.reduce(1, *)).map { _ in
            scale * (Float(Int64(random.next() >> 40)) / Float(1 << 23) - 1)
        }
    }
}
