package import Imaging
import Kernels

/// What a patch detector knows of a product: unit vectors of patches of good parts, per tap of one trunk.
package struct PatchBank: Sendable, Hashable {
    /// The name and the digest (64 hexadecimal digits) of the package of the trunk that made the vectors.
    /// They mean nothing to another.
    package let trunk: Trunk
    /// The size of the images that it was taught with.
    package let size: Size
    /// How many good parts it was taught with, and which views of each.
    package let references: Int
    package let views: ReferenceViews
    /// One per tap of the trunk, in their order.
    package let vectors: [Vectors]
    /// What is done with rarity; nil for the nearest patch alone.
    package let fusion: PatchFusion?
    /// What was learned for this product beside its patches; nil if nothing was. Only with a fusion.
    package let head: SegmentationHead?
    /// What its class name adds; nil if it was taught without one. Only with a fusion.
    package let text: PatchText?

    package struct Trunk: Sendable, Hashable {
        package let name: String
        package let digest: String

        package init(name: String, digest: String) {
            self.name = name
            self.digest = digest
        }
    }

    /// The vectors of one tap.
    package struct Vectors: Sendable, Hashable {
        /// That of the tap.
        package let name: String
        /// The codes of a vector.
        package let channels: Int
        /// `[count, channels]`, row-major, in -127...127; the length of a vector is computed from its codes.
        package let codes: [Int8]
        /// For a fusion, how rare each was in the picture that it is from, 0...2: `[count]`. Else empty.
        package let rarities: [Float]
        /// Of a bank by position, where the vectors of each tile begin, and where the last end: `[tiles + 1]`. Else empty.
        package let starts: [Int]

        /// - Precondition: `starts` rise from 0 to the count, or are empty.
        package init(
            name: String, channels: Int, codes: [Int8], rarities: [Float] = [], starts: [Int] = []
        ) {
            precondition(
                starts.isEmpty
                    || starts[0] == 0 && starts.last == codes.count / channels
                        && zip(starts, starts.dropFirst()).allSatisfy { $0 <= $1 },
                "vectors from \(starts)")
            self.name = name
            self.channels = channels
            self.codes = codes
            self.rarities = rarities
            self.starts = starts
        }

        package var count: Int { codes.count / channels }

        /// The vectors of each tile; all, for all tiles, of a bank that is not by position. A tile with nothing
        /// that is looked at, there and around it, has the first.
        var ranges: [Range<Int>] {
            guard !starts.isEmpty else { return [0..<count] }
            return zip(starts, starts.dropFirst()).map { $0 < $1 ? $0..<$1 : 0..<1 }
        }

        /// Vectors with the zeros that a `VectorBank` wants behind them.
        func padded(_ range: Range<Int>) -> [Int8] {
            Self.padded(Array(codes[range.lowerBound * channels..<range.upperBound * channels]), channels)
        }

        static func padded(_ codes: [Int8], _ channels: Int) -> [Int8] {
            let depth = VectorBank.depth(channels)
            guard depth != channels else { return codes }
            var result = [Int8](repeating: 0, count: codes.count / channels * depth)
            for row in 0..<codes.count / channels {
                for i in 0..<channels { result[row * depth + i] = codes[row * channels + i] }
            }
            return result
        }
    }

    /// Of how many tiles it knows each by itself; 1 if it knows them all together.
    package var positions: Int { max(vectors[0].starts.count - 1, 1) }

    package init(
        trunk: Trunk, size: Size, references: Int, views: ReferenceViews, vectors: [Vectors],
        fusion: PatchFusion? = nil, head: SegmentationHead? = nil, text: PatchText? = nil
    ) {
        precondition(head == nil && text == nil || fusion != nil, "a head or a text without a fusion")
        precondition(Set(vectors.map(\.starts.count)).count == 1, "taps of other positions")
        self.trunk = trunk
        self.size = size
        self.references = references
        self.views = views
        self.vectors = vectors
        self.fusion = fusion
        self.head = head
        self.text = text
    }

    /// The same with another segmentation head.
    package func with(_ head: SegmentationHead?) -> PatchBank {
        PatchBank(
            trunk: trunk, size: size, references: references, views: views, vectors: vectors, fusion: fusion,
            head: head, text: text)
    }

    /// The same with another text.
    package func with(_ text: PatchText?) -> PatchBank {
        PatchBank(
            trunk: trunk, size: size, references: references, views: views, vectors: vectors, fusion: fusion,
            head: head, text: text)
    }
}
