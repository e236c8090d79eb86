// Patches look at words and centres, and words at patches.
extension FusionPass {
    /// The highest score of each head of the words.
    func peaks() -> SIMD8<Float> {
        var peaks = SIMD8<Float>(repeating: -.infinity)
        for patch in 0..<patches {
            // Behind the probabilities of a patch lie the scores of these heads.
            let row = unsafe UnsafeRawPointer(scores + patch * FoldedBlock.all + FoldedBlock.looks)
            unsafe peaks = peaks.larger(row.loadUnaligned(as: SIMD8<Float>.self))
        }
        return peaks
    }

    /// What each head of the words sees: the mean of n(v), weighted by its probabilities.
    func read(below peaks: SIMD8<Float>) {
        var wholes = SIMD8<Float>.zero
        for patch in 0..<patches {
            // The scores of these heads become weights.
            let row = unsafe UnsafeMutableRawPointer(scores + patch * FoldedBlock.all + FoldedBlock.looks)
            let weights = unsafe (row.loadUnaligned(as: SIMD8<Float>.self) - peaks).exponential
            wholes += weights
            unsafe row.storeBytes(of: weights, as: SIMD8<Float>.self)
        }
        for head in 0..<FoldedBlock.words {
            // `width` floats for each head.
            let target = unsafe UnsafeMutableRawPointer(sights + head * width)
            for sixteen in Swift.stride(from: 0, to: width, by: 16) {
                var sum = SIMD16<Float>.zero
                for patch in 0..<patches {
                    let weight = unsafe scores[patch * FoldedBlock.all + FoldedBlock.looks + head]
                    unsafe sum += weight * SegmentationPass.lanes(normal + patch * width + sixteen)
                }
                unsafe target.storeBytes(
                    of: sum / wholes[head], toByteOffset: 4 * sixteen, as: SIMD16<Float>.self)
            }
        }
    }

    /// T' of word `word`.
    func speak(_ word: Int) {
        let size = width / FusionBlock.heads
        let (seen, seenBias, out, outBias) = (block.seen, block.seenBias, block.out, block.outBias)
        let said = unsafe says + word * width
        for row in 0..<width {
            // The rows of a head read what that head saw.
            let sight = unsafe sights + (word * FusionBlock.heads + row / size) * width
            var sum = seenBias[row]
            for index in 0..<width { unsafe sum += seen[row * width + index] * sight[index] }
            unsafe said[row] = sum
        }
        for row in 0..<width {
            var sum = outBias[row]
            for index in 0..<width { unsafe sum += out[row * width + index] * said[index] }
            // T has `width` numbers for each word.
            unsafe words[word * width + row] = block.text[word * width + row] + sum
        }
    }
}
