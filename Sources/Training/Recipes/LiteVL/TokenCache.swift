import AnomalyModels
import ModelPackages
import Tensors

// TOKEN CACHE, a folder
//
//   tokens-00000.safetensors, tokens-00001..., each of `shardCount` pictures:
//     <tap>         I8  [pictures, patches, channels]   codes, see `PictureTokens`
//     <tap>.scale   F32 [pictures, patches]
//     logits        F16 [pictures, 1000]                the trunk's own classifier
//   and in the metadata `recipe`, which the features depend on, and `pictures`, JSON: an array of `Caption`.
//   A shard of another recipe is made anew; a shard that is whole is never made twice.

/// The features of a list of pictures and what the pictures show, made once and kept on disk.
package struct TokenCache: Sendable {
    /// Pictures of a shard.
    package static let shardCount = 64
    package static let classes = EfficientNetLite.classCount

    package let folder: String
    /// Everything that the features depend on, in words.
    package let recipe: String
    /// Whole shards of pictures.
    package let count: Int

    /// What is known of a picture beside its features.
    package struct Caption: Codable, Sendable, Hashable {
        /// The first name of its kind.
        package var kind: String
        /// The name that was drawn for it.
        package var noun: String
        /// What is wrong, in the kind's own words; empty also where a synthetic anomaly has no word.
        package var states: [String]
        package var isDefective: Bool

        package init(kind: String, noun: String, states: [String], isDefective: Bool) {
            (self.kind, self.noun, self.states, self.isDefective) = (kind, noun, states, isDefective)
        }
    }

    /// A shard in memory.
    package struct Shard: Sendable {
        /// By tap `[pictures, patches, channels]`.
        package let codes: [[Int8]]
        /// By tap `[pictures, patches]`.
        package let scales: [[Float]]
        /// `[pictures, classes]`
        package let logits: [Float]
        package let captions: [Caption]
    }

    /// A cache of at least `count` pictures in `folder`, which need not exist.
    package init(folder: String, recipe: String, count: Int) {
        (self.folder, self.recipe) = (folder, recipe)
        self.count = (count + Self.shardCount - 1) / Self.shardCount * Self.shardCount
    }

    package var shards: Int { count / Self.shardCount }

    private var files: ShardFolder { ShardFolder(folder: folder, stem: "tokens", recipe: recipe) }

    /// Whether `shard` lies on disk as this recipe makes it.
    package func has(_ shard: Int) -> Bool { files.has(shard) }

    /// Makes `shard` of the pictures that `picture` gives by their index. Blocks; seconds.
    package func make(
        _ shard: Int, _ features: TokenFeatures,
        picture: (Int) throws -> (picture: TrainingPicture, kind: String)
    ) throws {
        var codes = features.taps.map { _ in [Int8]() }, scales = features.taps.map { _ in [Float]() }
        var logits: [Float] = [], captions: [Caption] = []
        for index in shard * Self.shardCount..<(shard + 1) * Self.shardCount {
            let (made, kind) = try picture(index), tokens = features.of(made.image)
            for tap in features.taps.indices {
                codes[tap] += tokens.codes[tap]
                scales[tap] += tokens.scales[tap]
            }
            logits += tokens.logits
            captions.append(
                Caption(kind: kind, noun: made.noun, states: made.states, isDefective: made.isDefective))
        }
        var file = try files.writer(captions: captions)
        for (index, tap) in features.taps.enumerated() {
            let patches = features.patches(index)
            try file.addInt8(tap.name, [Self.shardCount, patches, tap.channels], codes[index])
            try file.addFloat32("\(tap.name).scale", [Self.shardCount, patches], scales[index])
        }
        try file.addFloat16("logits", [Self.shardCount, Self.classes], logits)
        try file.write(to: files.path(shard))
    }

    /// Reads `shard`. Blocks. Throws if it is not there or damaged.
    package func read(_ shard: Int, taps: [String]) throws -> Shard {
        let file = try WeightFile(path: files.path(shard))
        return Shard(
            codes: try taps.map { try file.int8($0) },
            scales: try taps.map { try file.floats("\($0).scale") },
            logits: try file.floats("logits"),
            captions: try ShardFolder.captions(of: file))
    }
}
