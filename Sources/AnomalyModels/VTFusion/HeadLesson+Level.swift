import Imaging
package import Kernels
import ModelPackages

extension HeadLesson {
    /// The most pictures that a level is taken from.
    private static let mostRuns = 32

    /// How the evidence of the good parts lies before `banks`, those of `banks()`. Blocks: some 10 ms a picture of 256 x 256,
    /// of which there are up to 32. Throws what `PatchDetector` throws.
    package func level(_ banks: [PatchBank], kernels: KernelTable) throws(ModelError) -> EvidenceLevel {
        var sums = EvidenceLevel.Sums(taps: SegmentationHead.taps.count)
        try run(before: banks, kernels: kernels) { sums.add($0) }
        return sums.level
    }

    /// What weights that ship add for this product: a text, where there is a margin of its class, and a head, where there is
    /// a shared one, each as strong as the spread of the map over the good parts allows. Blocks: banks, and runs as for a
    /// level. Throws what `PatchDetector` throws, and `otherTrunk` for weights of another trunk.
    package func additions(
        _ shipped: ShippedWeights, kernels: KernelTable
    ) throws(ModelError) -> ShippedAdditions {
        guard !shipped.isEmpty else { return ShippedAdditions() }
        let (margin, shared) = (shipped.margin, shipped.head)
        let banks = try banks()
        if let shared, shared.trunk.digest != banks[0].trunk.digest {
            throw .otherTrunk(
                directory: teaching.trunks.package.directory, digest: banks[0].trunk.digest,
                wanted: shared.trunk)
        }
        if let object = shared?.object, let columns = shipped.columns,
            object.normal.count != columns.normal.count
        {
            throw .inputSize(
                found: "sentences of \(columns.normal.count) numbers",
                allowed: "\(object.normal.count), those of the network that the head was trained with")
        }
        if let margin, margin.channels != banks[0].vectors.map(\.channels) {
            throw .inputSize(
                found: "patches of \(banks[0].vectors.map(\.channels)) channels",
                allowed: "those of the trunk that the class's margin was made for")
        }
        let silent = margin.map { PatchText($0, weight: 0, centre: 0) }
        let level = try level(banks.map { $0.with(silent) }, kernels: kernels)
        var additions = ShippedAdditions()
        additions.text = margin.map {
            PatchText(
                $0, weight: PatchText.strength * level.mapDeviation / level.margin.deviation,
                centre: level.margin.mean)
        }
        guard let shared else { return additions }
        let fitted = shared.fitted(to: level, shipped.columns)
        var logits = EvidenceLevel.Tally()
        try run(before: banks.map { $0.with(fitted) }, kernels: kernels) { detector in
            let found = unsafe detector.logits
            for index in found.indices { unsafe logits.add(found[index]) }
        }
        let spread = logits.spread, share = 1 - (try teaching.strangeness())
        additions.head = SegmentationHead(
            channels: fitted.channels, tensors: fitted.tensors,
            weight: shared.strength * share * level.mapDeviation / spread.deviation, centre: spread.mean)
        return additions
    }

    /// Calls `body` with a detector that keeps evidence, after each run on a view of a good part before that of `banks`
    /// that does not know it: an even choice of all views. Where nothing can be left out, the only part is shifted a
    /// little and in other light.
    func run(
        before banks: [PatchBank], kernels: KernelTable, _ body: (PatchDetector) -> Void
    ) throws(ModelError) {
        let views = views, isAlone = teaching.references == 1 && views.count == 1
        let changes = isAlone ? SelfView.all : [.none]
        let all = tiles.indices.flatMap { tile in
            views.indices.flatMap { view in changes.indices.map { (tile: tile, view: view, change: $0) } }
        }
        let count = min(all.count, Self.mostRuns)
        var detectors: [Key: PatchDetector] = [:]
        for number in 0..<count {
            let (tile, view, change) = all[number * all.count / count]
            let picture = tiles[tile], turned = views[view]
            let pixels = changes[change].of(picture.pixels, picture.size)
            let key = Key(fold: fold(part: picture.part, view: view), size: turned.size(picture.size))
            let detector: PatchDetector
            if let known = detectors[key] {
                detector = known
            } else {
                detector = try PatchDetector(
                    banks[key.fold], on: teaching.trunks.trunk(key.size), kernels: kernels,
                    keepsEvidence: true)
                detectors[key] = detector
            }
            let input = turned.of(pixels, picture.size, channels: 3)
            // As many bytes as the detector's input, whose size is that of the view.
            detector.begin(tile: picture.number)
            unsafe detector.withInput { target in unsafe target.copyBytes(from: input) }
            _ = detector.run()
            body(detector)
        }
    }

    private struct Key: Hashable {
        let fold: Int
        let size: Size
    }
}
