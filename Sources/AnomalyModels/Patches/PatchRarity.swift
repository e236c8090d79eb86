import Imaging
import Inference
package import Kernels
import Platform

/// How rare each patch of an image is among the patches of the same image, which needs no good part and no
/// training: what a material or a part repeats is normal, what it shows once is not (after Aota et al. 2023,
/// "Zero-shot versus many-shot: unsupervised texture anomaly detection").
///
/// The rarity of a patch is the mean of 1 - cosine over its k nearest patches outside its 3 x 3 neighbourhood,
/// 0...2, for two k of each tap. Patches are compared with all patches of the image, or with an even choice of
/// `mostCandidates` of them. The same to the bit on every instruction set.
@safe
package final class PatchRarity {
    /// The most patches that each is compared with.
    package static let mostCandidates = 1024
    /// A patch and those that touch it.
    private static let neighbourhood = 9

    private let trunk: PatchTrunk
    private let taps: [Tap]
    private let memory: Memory
    private let scratch: UnsafeMutableRawPointer

    @safe
    private struct Tap {
        let counts: [Int]
        /// Nearest patches that are looked at.
        let k: Int
        /// Each so many patches are candidates.
        let step: Int
        let bank: PackedVectors
        let search: KernelCall
        let codes: UnsafeMutablePointer<Int8>
        let cosines: UnsafeMutablePointer<Float>
        let index: UnsafeMutablePointer<Int32>
        /// `[2, patches]`.
        let maps: UnsafeMutablePointer<Float>
    }

    /// Memory for the patches of `trunk`. Throws `weights` if there is none.
    package init(of trunk: PatchTrunk, kernels: KernelTable) throws(ModelError) {
        self.trunk = trunk
        do {
            let layout = trunk.taps.indices.map { Self.layout(trunk, $0) }
            memory = try Memory(
                byteCount: layout.reduce(KernelCall.nearestScratchBytes) { $0 + $1.byteCount })
            var next = unsafe memory.base + KernelCall.nearestScratchBytes
            unsafe scratch = memory.base
            var made: [Tap] = []
            for (index, place) in layout.enumerated() {
                unsafe made.append(try Self.tap(trunk, index, place, at: next, kernels))
                unsafe next += place.byteCount
            }
            taps = made
        } catch { throw .weights(directory: trunk.directory, .outOfMemory(bytes: 0)) }
    }

    deinit {
        for tap in taps { tap.search.destroy() }
    }

    /// Fills the maps from the patches of the trunk's last run. Allocation-free.
    package func run() {
        for index in taps.indices {
            let tap = taps[index], rows = unsafe trunk.patches(index)
            unsafe gather(tap, rows)
            unsafe tap.search.run(0..<tap.search.unitCount, scratch: scratch)
            rank(tap, across: trunk.grid(index).width, patches: trunk.grid(index).pixelCount)
        }
    }

    /// The rarity of the patches of tap `index` with the fewer neighbours (0) or the more (1), row-major; valid from
    /// a `run` to the next.
    package func withMap<Result>(
        _ index: Int, _ which: Int, _ body: (UnsafeBufferPointer<Float>) throws -> Result
    ) rethrows -> Result {
        let count = trunk.grid(index).pixelCount
        // Both maps of a tap lie behind one another.
        return try unsafe body(UnsafeBufferPointer(start: taps[index].maps + which * count, count: count))
    }
}

extension PatchRarity {
    /// Offsets of a tap's buffers from its first byte.
    private struct Layout {
        let step: Int, candidates: Int, k: Int
        let cosines: Int, index: Int, maps: Int
        let byteCount: Int
    }

    private static func layout(_ trunk: PatchTrunk, _ tap: Int) -> Layout {
        let patches = trunk.grid(tap).pixelCount
        let step = (patches + mostCandidates - 1) / mostCandidates
        let candidates = (patches + step - 1) / step
        let neighbours = trunk.taps[tap].neighbours
        let k = (neighbours.max() ?? 1) + neighbourhood
        let codes = KernelTable.aligned(KernelTable.padded(candidates) * trunk.depth(tap))
        let lists = KernelTable.aligned(4 * patches * k)
        return Layout(
            step: step, candidates: candidates, k: k, cosines: codes, index: codes + lists,
            maps: codes + 2 * lists,
            byteCount: codes + 2 * lists
                + KernelTable.aligned(4 * patches * neighbours.count + KernelTable.overread))
    }

    private static func tap(
        _ trunk: PatchTrunk, _ index: Int, _ place: Layout, at base: UnsafeMutableRawPointer,
        _ kernels: KernelTable
    ) throws(PlatformError) -> Tap {
        let bank = unsafe try PackedVectors(
            count: place.candidates, depth: trunk.depth(index), kernels: kernels)
        // Each buffer has the size that `layout` gave it.
        let cosines = unsafe (base + place.cosines).assumingMemoryBound(to: Float.self)
        let positions = unsafe (base + place.index).assumingMemoryBound(to: Int32.self)
        return unsafe Tap(
            counts: trunk.taps[index].neighbours, k: place.k, step: place.step, bank: bank,
            search: .nearest(
                place.k, to: trunk.patches(index), in: bank, cosines: cosines, index: positions),
            codes: base.assumingMemoryBound(to: Int8.self), cosines: cosines, index: positions,
            maps: (base + place.maps).assumingMemoryBound(to: Float.self))
    }

    /// Makes the candidates of this frame the bank: codes are stored as code + 128.
    private func gather(_ tap: Tap, _ rows: QueryRows) {
        let depth = unsafe tap.bank.depth
        for candidate in unsafe 0..<tap.bank.count {
            let source = unsafe rows.codes + candidate * tap.step * depth
            let target = unsafe tap.codes + candidate * depth
            for i in 0..<depth { unsafe target[i] = Int8(truncatingIfNeeded: Int(source[i]) - 128) }
        }
        unsafe tap.bank.fill(with: tap.codes)
    }

    /// The mean distance to the nearest that are no neighbours in the image.
    private func rank(_ tap: Tap, across: Int, patches: Int) {
        let (few, many) = (tap.counts[0], tap.counts[1])
        for patch in 0..<patches {
            var found = 0, sum: Float = 0, first: Float = 0
            for place in patch * tap.k..<(patch + 1) * tap.k {
                let other = unsafe Int(tap.index[place]) * tap.step
                guard other >= 0 else { break }
                if Self.isNear(patch, other, across) { continue }
                // Of equal vectors rounding may give a little more than 1.
                unsafe sum += max(1 - tap.cosines[place], 0)
                found += 1
                if found == few { first = sum / Float(few) }
                if found == many { break }
            }
            // An image of a few patches has fewer that are apart.
            let mean = found > 0 ? sum / Float(found) : 0
            unsafe tap.maps[patch] = found >= few ? first : mean
            unsafe tap.maps[patches + patch] = mean
        }
    }

    /// Whether two patches touch or are the same. Few pairs need the divisions.
    @inline(__always)
    private static func isNear(_ patch: Int, _ other: Int, _ across: Int) -> Bool {
        abs(other - patch) <= across + 1 && abs(other / across - patch / across) <= 1
            && abs(other % across - patch % across) <= 1
    }
}
