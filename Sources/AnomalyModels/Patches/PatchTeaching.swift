package import Imaging
package import Inference
package import Kernels
package import ModelPackages
import Platform

/// Makes a patch bank of a few good parts, in a second or two: no training, no labels.
///
/// Every view of every part goes through the trunk; of the vectors of all, each tap keeps a coreset. The same
/// parts in the same order give the same bank, on every instruction set.
package struct PatchTeaching {
    let trunks: PatchTrunks
    let views: ReferenceViews
    private var first: PatchTrunk?
    /// `[patches, channels]` of each tap of each view of each part.
    private var codes: [[[[Int8]]]] = []

    /// A picture of a part, or of a piece of it.
    struct Tile {
        /// RGB `[size.height, size.width, 3]`.
        let pixels: [UInt8]
        let size: Size
        /// The cells of its score map that are looked at, for the others nothing is learned; nil for all.
        let mask: [UInt8]?
    }

    /// Takes the trunk from `package`.
    package init(
        trunk package: ModelPackage, views: ReferenceViews, kernels: KernelTable, pool: TensorPool
    ) {
        self.init(PatchTrunks(package, kernels: kernels, pool: pool), views: views)
    }

    init(_ trunks: PatchTrunks, views: ReferenceViews) {
        self.trunks = trunks
        self.views = views
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
    mutating func beginPart() { codes.append(views.all.map { _ in [] }) }

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
            let mask = tile.mask.map { view.of($0, mapSize, channels: 1) }
            let part = codes.count - 1
            if codes[part][index].isEmpty { codes[part][index] = trunk.taps.map { _ in [] } }
            for tap in trunk.taps.indices {
                Self.append(tap, of: trunk, mask, to: &codes[part][index][tap])
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
        var vectors: [PatchBank.Vectors] = []
        for (index, tap) in first.taps.enumerated() {
            var codes: [Int8] = []
            for (part, views) in self.codes.enumerated() {
                for view in views.indices where isUsed(part, view) { codes += views[view][index] }
            }
            let chosen: [Int]
            do {
                chosen = try Coreset.choose(
                    PatchBank.Vectors.padded(codes, tap.channels), depth: KernelTable.padded(tap.channels),
                    capacity: tap.capacity, kernels: trunks.kernels)
            } catch {
                throw .weights(directory: first.directory, .outOfMemory(bytes: 2 * codes.count))
            }
            vectors.append(
                .init(
                    name: tap.name, channels: tap.channels,
                    codes: chosen.flatMap { codes[$0 * tap.channels..<($0 + 1) * tap.channels] }))
        }
        return PatchBank(
            trunk: .init(name: first.name, digest: first.digest), size: first.size,
            references: references, views: views, vectors: vectors)
    }

    /// Appends the codes of tap `index` of what `trunk` saw last, but for patches with no cell in `mask`.
    private static func append(_ index: Int, of trunk: PatchTrunk, _ mask: [UInt8]?, to codes: inout [Int8]) {
        let patches = unsafe trunk.patches(index), depth = trunk.depth(index)
        let grid = trunk.grid(index), side = trunk.taps[index].stride / 2
        for patch in unsafe 0..<patches.count {
            if let mask {
                let corner = patch / grid.width * side * grid.width * side + patch % grid.width * side
                let isLooked = (0..<side).contains { row in
                    (0..<side).contains { mask[corner + row * grid.width * side + $0] != 0 }
                }
                guard isLooked else { continue }
            }
            for i in 0..<trunk.taps[index].channels {
                unsafe codes.append(
                    Int8(truncatingIfNeeded: Int(patches.codes[patch * depth + i]) - 128))
            }
        }
    }
}
