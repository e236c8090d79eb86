/// In which order the samples of a set are seen: each epoch its own permutation, from the seed and the epoch
/// alone, so that a training can go on at any step.
public struct SampleOrder: Sendable, Hashable {
    public let sampleCount: Int
    public let batchSize: Int
    public let seed: UInt64

    /// - Precondition: there are at least as many samples as a batch takes.
    public init(sampleCount: Int, batchSize: Int, seed: UInt64) {
        precondition(1...sampleCount ~= batchSize, "batches of \(batchSize) of \(sampleCount) samples")
        self.sampleCount = sampleCount
        self.batchSize = batchSize
        self.seed = seed
    }

    /// Whole batches of an epoch; the rest of the permutation is left out.
    public var stepsPerEpoch: Int { sampleCount / batchSize }

    /// The samples of step 0, 1, ... - Complexity: O(samples), for the permutation.
    public func indices(at step: Int) -> [Int] {
        let (epoch, place) = (step / stepsPerEpoch, step % stepsPerEpoch)
        var random = RandomNumbers(seed: seed, stream: "epoch \(epoch)")
        var order = Array(0..<sampleCount)
        // Fisher and Yates, from the front, as far as this batch.
        for index in 0..<(place + 1) * batchSize {
            order.swapAt(index, index + random.nextIndex(below: sampleCount - index))
        }
        return Array(order[place * batchSize..<(place + 1) * batchSize])
    }
}
