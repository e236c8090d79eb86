import AnomalyModels
import ModelPackages
import Tensors

// TOWER TOKEN CACHE, a folder
//
//   tower-00000.safetensors, tower-00001..., each of `shardCount` pictures:
//     tokens        F16 [pictures, tokens, width]          in front of the block where prompts begin
//     beside        F16 [pictures, embedding]              what the embedding has beside the class token's part
//     mask          U8  [pictures, side / 4, side / 4]     the share of each cell that is defective, 255 for all of it
//   and in the metadata `recipe`, which they depend on, and `pictures`, JSON: [{"noun", "states"}, ...].
//   A shard of another recipe is made anew; a shard that is whole is never made twice.

/// The tokens of a list of pictures, made once and kept on disk.
package struct TowerTokenCache: Sendable {
    /// Pictures of a shard.
    package static let shardCount = 64

    package let folder: String
    /// Everything that the tokens depend on, in words.
    package let recipe: String
    /// Whole shards of pictures.
    package let count: Int

    /// A shard in memory.
    package struct Shard: Sendable {
        package let tokens: [Float16]
        package let beside: [Float16]
        package let masks: [UInt8]
        package let captions: [FeatureCache.Caption]
    }

    /// A cache of at least `count` pictures in `folder`, which need not exist.
    package init(folder: String, recipe: String, count: Int) {
        (self.folder, self.recipe) = (folder, recipe)
        self.count = (count + Self.shardCount - 1) / Self.shardCount * Self.shardCount
    }

    package var shards: Int { count / Self.shardCount }

    private var files: ShardFolder { ShardFolder(folder: folder, stem: "tower", recipe: recipe) }

    /// Whether `shard` lies on disk as this recipe makes it.
    package func has(_ shard: Int) -> Bool { files.has(shard) }

    /// Makes `shard` of the pictures that `picture` gives by their index. Blocks; a second or more.
    package func make(
        _ shard: Int, _ tower: TowerTokens, picture: (Int) throws -> TrainingPicture
    ) throws {
        var tokens: [Float] = [], beside: [Float] = [], masks: [UInt8] = []
        var captions: [FeatureCache.Caption] = []
        for index in shard * Self.shardCount..<(shard + 1) * Self.shardCount {
            let made = try picture(index), said = tower.of(made.image)
            tokens += said.tokens
            beside += said.beside
            masks += FeatureCache.shares(made.mask)
            captions.append(.init(noun: made.noun, states: made.states))
        }
        var file = try files.writer(captions: captions)
        let cells = tower.side / FeatureCache.cell
        try file.addFloat16("tokens", [Self.shardCount, tower.rows, tower.layout.width], tokens)
        try file.addFloat16("beside", [Self.shardCount, tower.layout.embeddingWidth], beside)
        try file.addUInt8("mask", [Self.shardCount, cells, cells], masks)
        try file.write(to: files.path(shard))
    }

    /// Reads `shard`. Blocks. Throws if it is not there or damaged.
    package func read(_ shard: Int) throws -> Shard {
        let file = try WeightFile(path: files.path(shard))
        return Shard(
            tokens: try file.floats("tokens").map { Float16($0) },
            beside: try file.floats("beside").map { Float16($0) }, masks: try file.uint8("mask"),
            captions: try ShardFolder.captions(of: file))
    }
}
