import AnomalyModels
import Imaging
import ModelPackages
import SimulatedLine
import Training

extension TrainLiteVL {
    /// Writes the package, and compares it with float32 if there is a checkpoint of the trunk.
    func write(
        _ made: LiteVLPackage, _ recipe: LiteVLRecipe, _ taught: FloatWeights, _ parts: LiteVLParts,
        trainedOn dataSets: [String]
    ) throws {
        var package = try made.package(name: recipe.name, version: recipe.version)
        try parts.describe(&package.manifest)
        if !recipe.heldOut.isEmpty {
            package.manifest.configuration["heldOut"] = .string(recipe.heldOut.joined(separator: ", "))
        }
        if let checkpoint {
            // To be compared it must have been written once.
            let taps = try accuracy(
                package.write(to: options.output, replacing: true), taught, checkpoint, recipe)
            for tap in taps {
                package.manifest.accuracy["\(tap.name).cosine"] = (tap.cosine * 1e6).rounded() / 1e6
                package.manifest.accuracy["\(tap.name).relative_l2"] = (tap.relativeL2 * 1e6).rounded() / 1e6
            }
            print(
                table(
                    [["int8 against float32", "cosine", "relative L2"]]
                        + taps.map { [$0.name, decimals($0.cosine, 5), decimals($0.relativeL2, 4)] }))
        }
        try options.write(&package, madeOf: [parts.trunk, parts.text], trainedOn: dataSets)
    }

    /// Every tap in int8 against float32 throughout, on practice pictures that nothing was fitted on.
    private func accuracy(
        _ package: ModelPackage, _ taught: FloatWeights, _ checkpoint: String, _ recipe: LiteVLRecipe
    ) throws -> [TapAccuracy] {
        var weights = try CheckpointReader.read(path: checkpoint, activation: nil).weights
        for (name, tensor) in taught.tensors { weights.tensors[name] = tensor }
        let practice = PracticePictures(
            kinds: PracticeCatalogue.kinds, products: 1, side: 256, seed: recipe.seed &+ 3_000_003)
        let source = PackageSource(package)
        let image = source.activation("image").map { ["image": $0] } ?? [:]
        return try AccuracyCheck.taps(
            of: Network(of: package), quantised: source,
            float: FloatSource(weights, activations: image),
            samples: (0..<24).map { .image(practice[$0 * 3].image.pixels) }
        ) { _ in }
    }
}
