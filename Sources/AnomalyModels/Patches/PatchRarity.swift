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
    package static let mostCandidates = KernelCall.rarityPatches

    private let trunk: PatchTrunk
    private let taps: [Tap]
    private let memory: Memory
    private let scratch: UnsafeMutableRawPointer

    @safe
    private struct Tap {
        /// Each so many patches are candidates.
        let step: Int
        let bank: PackedVectors
        let search: KernelCall
        let codes: UnsafeMutablePointer<Int8>
        /// `[2, patches]`.
        let maps: UnsafeMutablePointer<Float>
    }

    /// Memory for the patches of `trunk`. Throws `weights` if there is none.
    package init(of trunk: PatchTrunk, kernels: KernelTable) throws(ModelError) {
        self.trunk = trunk
        do {
            let layout = trunk.taps.indices.map { Self.layout(trunk, $0) }
            memory = try Memory(
                byteCount: layout.reduce(KernelCall.rarityScratchBytes) { $0 + $1.byteCount })
            var next = unsafe memory.base + KernelCall.rarityScratchBytes
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
        for (index, tap) in taps.enumerated() {
            unsafe gather(tap, trunk.patches(index))
            unsafe tap.search.run(0..<tap.search.unitCount, scratch: scratch)
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
    /// The candidates of a tap and the offset of its maps, behind their codes, from its first byte.
    private struct Layout {
        let step: Int, candidates: Int, maps: Int, byteCount: Int
    }

    private static func layout(_ trunk: PatchTrunk, _ tap: Int) -> Layout {
        let patches = trunk.grid(tap).pixelCount
        let step = (patches + mostCandidates - 1) / mostCandidates
        let candidates = (patches + step - 1) / step
        let codes = KernelTable.aligned(KernelTable.padded(candidates) * trunk.depth(tap))
        return Layout(
            step: step, candidates: candidates, maps: codes,
            byteCount: codes + KernelTable.aligned(8 * patches + KernelTable.overread))
    }

    private static func tap(
        _ trunk: PatchTrunk, _ index: Int, _ place: Layout, at base: UnsafeMutableRawPointer,
        _ kernels: KernelTable
    ) throws(PlatformError) -> Tap {
        let bank = unsafe try PackedVectors(
            count: place.candidates, depth: trunk.depth(index), kernels: kernels)
        let neighbours = trunk.taps[index].neighbours
        // Both buffers have the size that `layout` gave them.
        let maps = unsafe (base + place.maps).assumingMemoryBound(to: Float.self)
        return unsafe Tap(
            step: place.step, bank: bank,
            search: .rarity(
                trunk.patches(index), across: trunk.grid(index).width, among: bank, step: place.step,
                few: neighbours.few, many: neighbours.many, means: maps),
            codes: base.assumingMemoryBound(to: Int8.self), maps: maps)
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
}
