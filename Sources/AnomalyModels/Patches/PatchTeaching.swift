package import Imaging
package import Inference
package import Kernels
package import ModelPackages
import Platform

/// Makes a patch bank of a few good parts, in a second or two: no training, no labels.
///
/// Every view of every part goes through the trunk; of the vectors of all, each tap keeps a coreset, or one for each tile
/// where tiles are known by themselves. The same parts in the same order give the same bank, on every instruction set.
package struct PatchTeaching {
    package let trunks: PatchTrunks
    package let views: ReferenceViews
    private(set) var first: PatchTrunk?
    /// `[patches, channels]` of each tap of each view of each part.
    private var codes: [[[[Int8]]]] = []
    /// Of each tap of each tile of the first part, as it was taken, which patches there are: those of the other parts too.
    private(set) var looked: [[[Int]]] = []
    /// Where banks know each tile by itself, which patches of a part it knows, by tap and tile; nil for one bank of all.
    var nearby: [[[Int]]]?
    package var isByPosition: Bool { nearby != nil }
    private let fusion: PatchFusion?
    /// With a fusion, the rarities of the same patches.
    private var rarities: [[[[Float]]]] = []
    /// Of another trunk's patches of the same parts: what says which places a bank keeps. nil for its own.
    private let places: [[[[Int8]]]]?

    /// A picture of a part, or of a piece of it.
    struct Tile {
        /// RGB `[size.height, size.width, 3]`.
        let pixels: [UInt8]
        let size: Size
        /// The cells of its score map that are looked at, for the others nothing is learned; nil for all.
        let mask: [UInt8]?
    }

    /// Takes the trunk from `package`. With a `fusion`, banks carry what it needs, and are judged with it.
    package init(
        trunk package: ModelPackage, views: ReferenceViews, fusion: PatchFusion? = nil, kernels: KernelTable,
        pool: TensorPool
    ) {
        self.init(PatchTrunks(package, kernels: kernels, pool: pool), views: views, fusion: fusion)
    }

    /// With `places`, banks keep the patches of the places that those of that teaching keep: one product, seen through two
    /// trunks.
    /// - Precondition: the parts that are added are those of `places`, in their order.
    package init(
        _ trunks: PatchTrunks, views: ReferenceViews, fusion: PatchFusion?, places: PatchTeaching? = nil
    ) {
        self.trunks = trunks
        self.views = views
        self.fusion = fusion
        self.places = places?.codes
    }

    /// Good parts seen so far.
    package var references: Int { codes.count }

    /// Adds a good part: RGB `pixels`, `[size.height, size.width, 3]`. Sizes may differ from part to part.
    ///
    /// Blocks. Throws what `PatchTrunk` throws.
    /// - Precondition: `pixels` has three bytes for each pixel of `size`.
    package mutating func add(_ pixels: [UInt8], size: Size) throws(ModelError) {
        beginPart()
        try add(Tile(pixels: pixels, size: size, mask: nil))
    }

    /// The tiles added from now on belong to one more good part.
    mutating func beginPart() {
        codes.append(views.all.map { _ in [] })
        rarities.append(views.all.map { _ in [] })
    }

    /// Adds a tile to the last part. Blocks. Throws what `PatchTrunk` throws.
    mutating func add(_ tile: Tile) throws(ModelError) {
        let size = tile.size, mapSize = Size(width: size.width / 2, height: size.height / 2)
        precondition(tile.pixels.count == 3 * size.pixelCount, "\(tile.pixels.count) bytes for \(size)")
        for (index, view) in views.all.enumerated() {
            let trunk = try trunks.trunk(view.size(size))
            first = first ?? trunk
            let turned = view.of(tile.pixels, size, channels: 3)
            unsafe trunk.withInput { input in unsafe input.copyBytes(from: turned) }
            trunk.run()
            let rarity = fusion == nil ? nil : try trunks.rarity(view.size(size))
            rarity?.run()
            let mask = tile.mask.map { view.of($0, mapSize, channels: 1) }
            let part = codes.count - 1
            if part == 0, index == 0 { looked.append([]) }
            if codes[part][index].isEmpty {
                codes[part][index] = trunk.taps.map { _ in [] }
                rarities[part][index] = trunk.taps.map { _ in [] }
            }
            for tap in trunk.taps.indices {
                let looked = Self.looked(tap, of: trunk, mask)
                if part == 0, index == 0 { self.looked[self.looked.count - 1].append(looked) }
                Self.append(looked, tap, of: trunk, to: &codes[part][index][tap])
                unsafe rarity?.withMap(tap, 1) { map in
                    for patch in looked {
                        unsafe rarities[part][index][tap].append(PatchFusion.distance(map[patch]))
                    }
                }
            }
        }
    }

    /// Whether the masks leave a patch of each tap to learn.
    var hasPatches: Bool { codes.allSatisfy { $0.allSatisfy { $0.allSatisfy { !$0.isEmpty } } } }

    /// The bank of the parts added so far. Blocks for up to a second or two. Throws `weights` if there is no
    /// memory for it.
    ///
    /// - Precondition: at least one part was added.
    package func bank() throws(ModelError) -> PatchBank { try bank { _, _ in true } }

    /// The bank of all parts but `part`, counted from 0: what that part is scored with to see how good parts score.
    /// Blocks and throws like `bank()`.
    ///
    /// - Precondition: another part was added.
    package func bank(without part: Int) throws(ModelError) -> PatchBank {
        try bank { other, _ in other != part }
    }

    /// The bank of those views, counted from 0, of the parts, counted from 0, that `isUsed` says yes to.
    ///
    /// - Precondition: it says so of at least one, and the masks leave patches.
    func bank(of isUsed: (_ part: Int, _ view: Int) -> Bool) throws(ModelError) -> PatchBank {
        guard let first else { preconditionFailure("a bank of no part") }
        var all: [PatchBank.Vectors] = []
        let fusion = try fusion.map { fusion throws(ModelError) in try fusion.adapted(to: strangeness()) }
        for (index, tap) in first.taps.enumerated() {
            var vectors = Gathered(), starts = [0]
            let tiles: [[Int]?] = nearby?[index] ?? [nil]
            for patches in tiles {
                let seen = gathered(index, tap.channels, patches, of: isUsed)
                vectors.append(seen, at: try chosen(of: seen, tap), tap.channels)
                starts.append(vectors.codes.count / tap.channels)
            }
            all.append(
                .init(
                    name: tap.name, channels: tap.channels, codes: vectors.codes, rarities: vectors.rarities,
                    starts: isByPosition ? starts : []))
        }
        return PatchBank(
            trunk: .init(name: first.name, digest: first.digest), size: first.size,
            references: references, views: views, vectors: all, fusion: fusion)
    }

    /// Patches of a tap, and, for a fusion, their rarities.
    private struct Gathered {
        var codes: [Int8] = []
        var rarities: [Float] = []
        /// Of another trunk's patches of the same places, where these say which are kept.
        var places: [Int8] = []

        /// Appends `others`, or those of them at the positions `chosen`.
        mutating func append(_ others: Gathered, at chosen: [Int]?, _ channels: Int) {
            guard let chosen else {
                codes += others.codes
                places += others.places
                rarities += others.rarities
                return
            }
            for place in chosen {
                let row = place * channels..<(place + 1) * channels
                codes += others.codes[row]
                if !others.places.isEmpty { places += others.places[row] }
                if !others.rarities.isEmpty { rarities.append(others.rarities[place]) }
            }
        }
    }

    /// Of each part, `patches` of tap `index`, or all.
    private func gathered(
        _ index: Int, _ channels: Int, _ patches: [Int]?, of isUsed: (_ part: Int, _ view: Int) -> Bool
    ) -> Gathered {
        var result = Gathered()
        for part in codes.indices {
            for view in codes[part].indices where isUsed(part, view) {
                let own = codes[part][view][index]
                result.append(
                    Gathered(
                        codes: own, rarities: fusion == nil ? [] : rarities[part][view][index],
                        places: places.map { $0[part][view][index] } ?? []),
                    at: patches, channels)
            }
        }
        precondition(
            places == nil || result.places.count == result.codes.count,
            "\(result.places.count) and \(result.codes.count) codes of parts")
        return result
    }

    /// The coreset of `patches`: positions among them.
    private func chosen(of patches: Gathered, _ tap: PatchTap) throws(ModelError) -> [Int] {
        // A tile whose mask leaves nothing.
        guard !patches.codes.isEmpty else { return [] }
        do {
            return try Coreset.choose(
                PatchBank.Vectors.padded(places == nil ? patches.codes : patches.places, tap.channels),
                depth: VectorBank.depth(tap.channels), capacity: tap.capacity, kernels: trunks.kernels)
        } catch {
            throw .weights(
                directory: trunks.package.directory, .outOfMemory(bytes: 2 * patches.codes.count))
        }
    }

    /// How little the parts resemble each other, seen from the first few as they were taken; 0 for a single one.
    package func strangeness() throws(ModelError) -> Float {
        guard let first, codes.count > 1 else { return 0 }
        let parts = codes.indices.prefix(PatchStrangeness.mostParts)
        let whole = first.taps.reduce(0) { $0 + $1.weight } * Float(parts.count)
        var gap: Float = 0
        for (index, tap) in first.taps.enumerated() {
            for part in parts {
                let own = rarities[part][0][index]
                do {
                    let distance = try PatchStrangeness.meanDistance(
                        of: codes[part][0][index], to: others(than: part, index, tap.channels),
                        channels: tap.channels, kernels: trunks.kernels)
                    gap += tap.weight / whole * (distance - own.reduce(0, +) / Float(own.count))
                } catch { throw .weights(directory: first.directory, .outOfMemory(bytes: 0)) }
            }
        }
        return PatchStrangeness.degree(gap)
    }

    /// An even choice of the patches of tap `index` of all views of all parts but `part`.
    private func others(than part: Int, _ index: Int, _ channels: Int) -> [Int8] {
        let lists = codes.indices.filter { $0 != part }.flatMap { other in codes[other].map { $0[index] } }
        let step = max(1, lists.reduce(0) { $0 + $1.count } / channels / PatchStrangeness.mostOthers)
        return lists.flatMap { list in
            stride(from: 0, to: list.count / channels, by: step).flatMap {
                list[$0 * channels..<($0 + 1) * channels]
            }
        }
    }

    /// The patches of tap `index` with a cell in `mask`, row-major.
    private static func looked(_ index: Int, of trunk: PatchTrunk, _ mask: [UInt8]?) -> [Int] {
        let grid = trunk.grid(index), side = trunk.taps[index].stride / 2
        guard let mask else { return Array(0..<grid.pixelCount) }
        return (0..<grid.pixelCount).filter { patch in
            let corner = patch / grid.width * side * grid.width * side + patch % grid.width * side
            return (0..<side).contains { row in
                (0..<side).contains { mask[corner + row * grid.width * side + $0] != 0 }
            }
        }
    }

    /// Appends the codes of those patches of tap `index` of what `trunk` saw last.
    private static func append(_ looked: [Int], _ index: Int, of trunk: PatchTrunk, to codes: inout [Int8]) {
        let patches = unsafe trunk.patches(index), depth = trunk.depth(index)
        for patch in looked {
            for i in 0..<trunk.taps[index].channels {
                unsafe codes.append(
                    Int8(truncatingIfNeeded: Int(patches.codes[patch * depth + i]) - 128))
            }
        }
    }
}
