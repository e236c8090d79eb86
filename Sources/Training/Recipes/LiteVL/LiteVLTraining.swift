package import AnomalyModels
import Platform

/// Trains LiteVL's blocks on cached features, step by step; a training that was killed goes on from its checkpoint.
package final class LiteVLTraining: SteppedTraining {
    package let recipe: LiteVLRecipe
    package let network: LiteVLNetwork
    package let statistics: TokenStatistics
    /// What the trunk's classifier says is brought to this mean length.
    package static let namedLength: Float = 1
    /// What it is multiplied with for that.
    package let namedScale: Float
    private let shards: [TokenCache.Shard]
    private let lesson: LiteVLLesson
    /// Pictures of the kinds that are trained on.
    private let samples: [Int]
    /// Of every picture of the shards, `[pictures, width]`.
    private let named: [Float]
    /// Of every picture of the shards, see `LiteVLBatch.means(of:)`.
    private let means: [[Float]]
    private let order: SampleOrder
    private let trainer: KeptTrainer

    /// - Parameters:
    ///   - shards: the pictures with their features.
    ///   - bias: of the trunk's classifier.
    ///   - outside: what the pictures from outside depend on that are among the shards; nil if there are none.
    ///   - checkpoint: a path for the state.
    ///
    /// Goes on from the checkpoint if there is one of the same recipe. Throws what reading it throws.
    package init(
        _ recipe: LiteVLRecipe, _ architecture: Architecture.LiteVL, shards: [TokenCache.Shard],
        lesson: LiteVLLesson, bias: [Float], threads: Int, outside: String? = nil, checkpoint path: String
    ) throws {
        (self.recipe, self.shards, self.lesson) = (recipe, shards, lesson)
        let captions = shards.flatMap(\.captions)
        samples = captions.indices.filter { !recipe.heldOut.contains(captions[$0].kind) }
        precondition(!samples.isEmpty, "no picture to train on")
        let side = recipe.side / Architecture.LiteVL.stride
        network = LiteVLNetwork(architecture, tokens: side * side, seed: recipe.seed)
        statistics = TokenStatistics(shards, samples: samples, channels: architecture.trunkChannels)
        var said: [Float] = [], means: [[Float]] = []
        let classes = TokenCache.classes
        for shard in shards {
            for place in 0..<TokenCache.shardCount {
                said += lesson.classes.said(
                    by: shard.logits[place * classes..<(place + 1) * classes], bias: bias)
                means.append(
                    LiteVLBatch.means(of: shard, place, architecture.trunkChannels, statistics))
            }
        }
        self.means = means
        let width = lesson.classes.width
        let lengths = samples.map { sample in
            said[sample * width..<(sample + 1) * width].reduce(0) { $0 + $1 * $1 }.squareRoot()
        }
        let scale = Self.namedLength * Float(samples.count) / max(lengths.reduce(0, +), 1e-6)
        (namedScale, named) = (scale, said.map { $0 * scale })
        order = SampleOrder(
            sampleCount: samples.count, batchSize: min(recipe.batch, samples.count), seed: recipe.seed)
        let steps = order.stepsPerEpoch * recipe.epochs
        trainer = try KeptTrainer(
            Trainer(
                network.parameters, rate: recipe.rate, decay: recipe.decay, warmUp: 20, steps: steps,
                threads: threads), steps: steps, at: path,
            of: "\(recipe.trained)" + (outside.map { " and \($0)" } ?? ""))
    }

    package var steps: Int { trainer.steps }
    package var step: Int { trainer.step }

    /// Takes one step; every 50th, and the last, is kept on disk. nil when there is nothing left to do.
    package func takeStep() throws -> Trainer<Float>.Report? {
        guard !trainer.isDone else { return nil }
        let chosen = order.indices(at: trainer.step).map { samples[$0] }
        let batch = batch(of: chosen), captions = chosen.map { caption(of: $0) }
        return try trainer.takeStep { tape in
            lesson.loss(tape, network.embedded(tape, batch), captions, teacher: batch.teacher)
        }
    }

    private func caption(of sample: Int) -> TokenCache.Caption {
        shards[sample / TokenCache.shardCount].captions[sample % TokenCache.shardCount]
    }

    private func batch(of samples: [Int]) -> LiteVLBatch {
        let width = lesson.classes.width
        var batch = LiteVLBatch(count: samples.count, side: recipe.side / Architecture.LiteVL.stride)
        for sample in samples {
            batch.append(
                shards[sample / TokenCache.shardCount], sample % TokenCache.shardCount,
                network.architecture.trunkChannels, statistics, means: means[sample][...],
                named: named[sample * width..<(sample + 1) * width], hasMaps: recipe.layers > 0)
        }
        return batch
    }
}
