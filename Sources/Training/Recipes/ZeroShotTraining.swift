package import AnomalyModels
import Imaging
import Platform

/// Trains a zero-shot head on cached features, step by step; a training that was killed goes on from its checkpoint.
package final class ZeroShotTraining: SteppedTraining {
    package let recipe: ZeroShotRecipe
    package let network: ZeroShotNetwork
    private let shards: [FeatureCache.Shard]
    private let columns: [String: ClassColumns]
    private let taps: [PatchTap]
    private let order: SampleOrder
    private let trainer: KeptTrainer

    /// - Parameters:
    ///   - shards: the pictures with their features.
    ///   - columns: the class columns of every noun in them.
    ///   - checkpoint: a path for the state.
    ///
    /// Goes on from the checkpoint if there is one of the same recipe. Throws what reading it throws.
    package init(
        _ recipe: ZeroShotRecipe, shards: [FeatureCache.Shard], columns: [String: ClassColumns],
        taps: [PatchTap], threads: Int, checkpoint path: String
    ) throws {
        (self.recipe, self.shards, self.columns, self.taps) = (recipe, shards, columns, taps)
        network = ZeroShotNetwork(hidden: recipe.hidden, channels: taps.map(\.channels), seed: recipe.seed)
        let count = shards.reduce(0) { $0 + $1.captions.count }
        order = SampleOrder(sampleCount: count, batchSize: min(recipe.batch, count), seed: recipe.seed)
        let steps = order.stepsPerEpoch * recipe.epochs
        trainer = try KeptTrainer(
            Trainer(
                network.parameters, rate: recipe.rate, decay: recipe.decay, warmUp: 33, steps: steps,
                threads: threads), steps: steps, at: path, of: recipe.trained)
    }

    package var steps: Int { trainer.steps }
    package var step: Int { trainer.step }

    /// Takes one step; every 50th, and the last, is kept on disk. nil when there is nothing left to do.
    package func takeStep() throws -> Trainer<Float>.Report? {
        guard !trainer.isDone else { return nil }
        let batch = batch(of: order.indices(at: trainer.step))
        return try trainer.takeStep { tape in network.loss(tape, batch) }
    }

    private func batch(of samples: [Int]) -> ZeroShotBatch {
        let sides = taps.map { recipe.side / $0.stride }, cells = recipe.side / FeatureCache.cell
        var batch = ZeroShotBatch(
            count: samples.count, patches: taps.map { _ in [] }, sides: sides, masks: [], cells: cells,
            columns: [])
        for sample in samples {
            let shard = shards[sample / FeatureCache.shardCount], place = sample % FeatureCache.shardCount
            for tap in taps.indices {
                shard.append(tap, place, sides[tap], taps[tap].channels, to: &batch.patches[tap])
            }
            // A cell is a defect from a quarter on.
            batch.masks += shard.masks[place * cells * cells..<(place + 1) * cells * cells].map {
                $0 >= 64 ? 1 : 0
            }
            guard let known = columns[shard.captions[place].noun] else {
                preconditionFailure("no columns for '\(shard.captions[place].noun)'")
            }
            batch.columns += known.normal + known.abnormal
        }
        return batch
    }
}

extension FeatureCache.Shard {
    /// Appends the patches of picture `place` as `ZeroShotBatch.patches` has them.
    func append(_ tap: Int, _ place: Int, _ side: Int, _ channels: Int, to rows: inout [Float]) {
        let patches = side * side
        rows.reserveCapacity(rows.count + patches * (channels + 2))
        for patch in 0..<patches {
            let first = (place * patches + patch) * channels
            PatchBasis.appendUnit(features.codes[tap][first..<first + channels], to: &rows)
            for which in 0..<2 {
                let rarity = features.rarities[tap][(place * 2 + which) * patches + patch]
                rows.append((2 * rarity).squareRoot())
            }
        }
    }
}
