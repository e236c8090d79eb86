/// Where the buffers of a program lie in its arena: by offset, so that two that are alive at the same time
/// never overlap.
///
/// Buffers are placed largest first, each at the lowest offset that is free during its whole life (greedy by
/// size;
/// Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net Inference", 2020, section 5.2).
///
/// - Invariant: offsets are multiples of `alignment`; every buffer ends at or before `byteCount`.
public struct MemoryPlan: Hashable, Sendable {
    /// A buffer and its life, in steps: it is written first in `first` and read last in `last`.
    public struct Buffer: Hashable, Sendable {
        public var byteCount: Int
        public var first: Int
        public var last: Int

        public init(byteCount: Int, first: Int, last: Int) {
            self.byteCount = byteCount
            self.first = first
            self.last = last
        }
    }

    public static let alignment = 64
    public let offsets: [Int]
    public let byteCount: Int

    /// - Complexity: O(n^2) for n buffers; done once when a model is loaded.
    public init(_ buffers: [Buffer]) {
        var offsets = [Int](repeating: 0, count: buffers.count)
        var placed: [Int] = []  // by rising offset
        let bySize = buffers.indices.sorted {
            (buffers[$0].byteCount, $1) > (buffers[$1].byteCount, $0)
        }
        for index in bySize {
            let buffer = buffers[index]
            var offset = 0
            for other in placed
            where buffers[other].first <= buffer.last && buffer.first <= buffers[other].last {
                if offset + buffer.byteCount <= offsets[other] { break }
                offset = max(offset, Self.aligned(offsets[other] + buffers[other].byteCount))
            }
            offsets[index] = offset
            placed.insert(index, at: placed.firstIndex { offsets[$0] > offset } ?? placed.count)
        }
        self.offsets = offsets
        byteCount = buffers.indices.map { Self.aligned(offsets[$0] + buffers[$0].byteCount) }.max() ?? 0
    }

    package static func aligned(_ count: Int) -> Int { (count + alignment - 1) / alignment * alignment }
}
