package import AnomalyModels
import Platform

/// Trains a prompted head on the cached tokens of a frozen tower, step by step; a training that was killed goes on from
/// its checkpoint.
package final class PromptedTraining: SteppedTraining {
    package let recipe: PromptedRecipe
    package let network: PromptedNetwork
    private let shards: [TowerTokenCache.Shard]
    private let columns: [String: ClassColumns]
    private let grid: Int
    private let order: SampleOrder
    private let trainer: KeptTrainer

    /// - Parameters:
    ///   - shards: the pictures with their tokens.
    ///   - columns: the class columns of every noun in them; not read where the recipe learns anchors.
    ///   - grid: tokens along a side.
    ///   - checkpoint: a path for the state.
    ///
    /// Goes on from the checkpoint if there is one of the same recipe. Throws what reading it throws.
    package init(
        _ recipe: PromptedRecipe, _ blocks: FrozenBlocks, shards: [TowerTokenCache.Shard],
        columns: [String: ClassColumns], grid: Int, threads: Int, checkpoint path: String
    ) throws {
        (self.recipe, self.shards, self.columns, self.grid) = (recipe, shards, columns, grid)
        network = PromptedNetwork(
            blocks, fusion: recipe.fusion, words: recipe.words, dice: recipe.dice, seed: recipe.seed)
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

    /// The pictures `samples` as the network reads them.
    package func batch(of samples: [Int]) -> PromptedBatch {
        let cells = recipe.side / FeatureCache.cell, width = network.layout.embeddingWidth
        var batch = PromptedBatch(count: samples.count, grid: grid, cells: cells)
        for sample in samples {
            let shard = shards[sample / TowerTokenCache.shardCount]
            let place = sample % TowerTokenCache.shardCount
            let size = (grid * grid + 1) * network.layout.width
            batch.tokens += shard.tokens[place * size..<(place + 1) * size].map { Float($0) }
            batch.beside += shard.beside[place * width..<(place + 1) * width].map { Float($0) }
            // A cell is a defect from a quarter on.
            batch.masks += shard.masks[place * cells * cells..<(place + 1) * cells * cells].map {
                $0 >= 64 ? 1 : 0
            }
            guard recipe.words == .sentences else {
                batch.columns += [Float](repeating: 0, count: 2 * width)
                continue
            }
            guard let known = columns[shard.captions[place].noun] else {
                preconditionFailure("no columns for '\(shard.captions[place].noun)'")
            }
            batch.columns += known.normal + known.abnormal
        }
        return batch
    }
}
