import AnomalyModels
import Imaging
import ModelPackages
import Tensors

// FEATURE CACHE, a folder
//
//   features-00000.safetensors, features-00001..., each of `shardCount` pictures:
//     <tap>         I8  [pictures, height, width, channels]    codes of the patches, see `PictureFeatures`
//     <tap>.rarity  F32 [pictures, 2, height, width]
//     mask          U8  [pictures, side / 4, side / 4]         the share of each cell that is defective, 255 for all of it
//   and in the metadata `recipe`, which the features depend on, and `pictures`, JSON: [{"noun", "states"}, ...].
//   A shard of another recipe is made anew; a shard that is whole is never made twice.

/// The features of a list of pictures, made once and kept on disk.
package struct FeatureCache: Sendable {
    /// Pictures of a shard.
    package static let shardCount = 64
    /// Pixels along a side of a cell of the masks.
    package static let cell = 4

    package let folder: String
    /// Everything that the features depend on, in words.
    package let recipe: String
    package let side: Int
    /// Whole shards of pictures.
    package let count: Int

    /// What is known of a picture beside its features.
    package struct Caption: Codable, Sendable, Hashable {
        package var noun: String
        package var states: [String]
    }

    /// A shard in memory.
    package struct Shard: Sendable {
        /// By tap, `[pictures, height, width, channels]` and `[pictures, 2, height, width]`.
        package let features: PictureFeatures
        package let masks: [UInt8]
        package let captions: [Caption]
    }

    /// A cache of at least `count` pictures in `folder`, which need not exist.
    package init(folder: String, recipe: String, side: Int, count: Int) {
        (self.folder, self.recipe, self.side) = (folder, recipe, side)
        self.count = (count + Self.shardCount - 1) / Self.shardCount * Self.shardCount
    }

    package var shards: Int { count / Self.shardCount }

    private var files: ShardFolder { ShardFolder(folder: folder, stem: "features", recipe: recipe) }

    /// Whether `shard` lies on disk as this recipe makes it.
    package func has(_ shard: Int) -> Bool { files.has(shard) }

    /// Makes `shard` of the pictures that `picture` gives by their index. Blocks; a tenth of a second or more.
    package func make(
        _ shard: Int, _ trunk: TrunkFeatures, picture: (Int) throws -> TrainingPicture
    ) throws {
        var all = PictureFeatures(codes: trunk.taps.map { _ in [] }, rarities: trunk.taps.map { _ in [] })
        var masks: [UInt8] = [], captions: [Caption] = []
        for index in shard * Self.shardCount..<(shard + 1) * Self.shardCount {
            let made = try picture(index), features = trunk.of(made.image)
            for tap in trunk.taps.indices {
                all.codes[tap] += features.codes[tap]
                all.rarities[tap] += features.rarities[tap]
            }
            masks += Self.shares(made.mask)
            captions.append(Caption(noun: made.noun, states: made.states))
        }
        var file = try files.writer(captions: captions)
        for (index, tap) in trunk.taps.enumerated() {
            let grid = side / tap.stride
            try file.addInt8(tap.name, [Self.shardCount, grid, grid, tap.channels], all.codes[index])
            try file.addFloat32("\(tap.name).rarity", [Self.shardCount, 2, grid, grid], all.rarities[index])
        }
        let cells = side / Self.cell
        try file.addUInt8("mask", [Self.shardCount, cells, cells], masks)
        try file.write(to: files.path(shard))
    }

    /// Reads `shard`. Blocks. Throws if it is not there or damaged.
    package func read(_ shard: Int, taps: [String]) throws -> Shard {
        let file = try WeightFile(path: files.path(shard))
        return Shard(
            features: PictureFeatures(
                codes: try taps.map { try file.int8($0) },
                rarities: try taps.map { try file.floats("\($0).rarity") }),
            masks: try file.uint8("mask"), captions: try ShardFolder.captions(of: file))
    }

    /// The share of each cell that `mask` covers.
    static func shares(_ mask: PixelMask) -> [UInt8] {
        let (across, down) = (mask.size.width / cell, mask.size.height / cell)
        var counts = [Int](repeating: 0, count: across * down)
        for (index, isSet) in mask.pixels.enumerated() where isSet {
            let (x, y) = (index % mask.size.width / cell, index / mask.size.width / cell)
            counts[y * across + x] += 1
        }
        return counts.map { UInt8(($0 * 255 + cell * cell / 2) / (cell * cell)) }
    }
}
