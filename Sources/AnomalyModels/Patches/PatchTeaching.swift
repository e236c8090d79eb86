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
    private let package: ModelPackage
    private let kernels: KernelTable
    private let pool: TensorPool
    private let views: ReferenceViews
    private var trunks: [Size: PatchTrunk] = [:]
    private var first: PatchTrunk?
    /// `[patches so far, channels]` of each tap.
    private var codes: [[Int8]] = []
    /// Good parts seen so far.
    package private(set) var references = 0

    /// Takes the trunk from `package`.
    package init(
        trunk package: ModelPackage, views: ReferenceViews, kernels: KernelTable, pool: TensorPool
    ) {
        self.package = package
        self.views = views
        self.kernels = kernels
        self.pool = pool
    }

    /// Adds a good part: RGB `pixels`, `[size.height, size.width, 3]`. Sizes may differ from part to part.
    ///
    /// Blocks. Throws what `PatchTrunk` throws.
    /// - Precondition: `pixels` has three bytes for each pixel of `size`.
    package mutating func add(_ pixels: [UInt8], size: Size) throws(ModelError) {
        precondition(pixels.count == 3 * size.pixelCount, "\(pixels.count) bytes for \(size)")
        for view in views.all {
            let trunk = try trunk(view.size(size))
            first = first ?? trunk
            let turned = view.of(pixels, size)
            unsafe trunk.withInput { input in unsafe input.copyBytes(from: turned) }
            trunk.run()
            if codes.isEmpty { codes = trunk.taps.map { _ in [] } }
            for index in trunk.taps.indices { append(index, of: trunk) }
        }
        references += 1
    }

    /// The bank of the parts added so far. Blocks for up to a second or two. Throws `weights` if there is no
    /// memory for it.
    ///
    /// - Precondition: at least one part was added.
    package func bank() throws(ModelError) -> PatchBank {
        guard let first else { preconditionFailure("a bank of no part") }
        var vectors: [PatchBank.Vectors] = []
        for (tap, codes) in zip(first.taps, codes) {
            let chosen: [Int]
            do {
                chosen = try Coreset.choose(
                    PatchBank.Vectors.padded(codes, tap.channels), depth: KernelTable.padded(tap.channels),
                    capacity: tap.capacity, kernels: kernels)
            } catch {
                throw .weights(directory: package.directory, .outOfMemory(bytes: 2 * codes.count))
            }
            vectors.append(
                .init(
                    name: tap.name, channels: tap.channels,
                    codes: chosen.flatMap { codes[$0 * tap.channels..<($0 + 1) * tap.channels] }))
        }
        return PatchBank(
            trunk: .init(name: package.manifest.name, digest: package.digest.description), size: first.size,
            references: references, views: views, vectors: vectors)
    }

    private mutating func trunk(_ size: Size) throws(ModelError) -> PatchTrunk {
        if let known = trunks[size] { return known }
        let made = try PatchTrunk(package, size: size, kernels: kernels, pool: pool)
        trunks[size] = made
        return made
    }

    private mutating func append(_ index: Int, of trunk: PatchTrunk) {
        let patches = unsafe trunk.patches(index), depth = trunk.depth(index)
        for patch in unsafe 0..<patches.count {
            for i in 0..<trunk.taps[index].channels {
                unsafe codes[index].append(
                    Int8(truncatingIfNeeded: Int(patches.codes[patch * depth + i]) - 128))
            }
        }
    }
}
