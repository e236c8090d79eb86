import Tensors

/// Reads the sizes of a network off the shapes of its tensors, some of which may be missing or wrong.
struct TensorShapes {
    /// Larger extents are taken for missing ones, so that sizes can be multiplied without overflow.
    private static let extentLimit = 16_777_216

    private let file: WeightFile

    init(of file: WeightFile) { self.file = file }

    /// The extent of an axis, or nil if there is no such tensor or axis.
    func extent(_ name: String, _ axis: Int) -> Int? {
        guard let shape = file.tensor(name)?.shape, axis < shape.rank else { return nil }
        return (1...Self.extentLimit).contains(shape[axis]) ? shape[axis] : nil
    }

    /// The extent that most of the tensors agree on; between equals the first.
    func commonExtent(_ axes: [(name: String, axis: Int)]) -> Int? {
        let extents = axes.compactMap { extent($0.name, $0.axis) }
        let votes = extents.map { extent in extents.count { $0 == extent } }
        return zip(extents, votes).first { $0.1 == votes.max() }?.0
    }

    /// How many different numbers follow `prefix`, at most 256, or nil if none does.
    func blockCount(after prefix: String) -> Int? {
        var numbers: Set<Int> = []
        for name in file.names where name.hasPrefix(prefix) {
            if let number = Int(name.dropFirst(prefix.count).prefix { $0 != "." }) { numbers.insert(number) }
        }
        return numbers.isEmpty ? nil : min(numbers.count, 256)
    }
}
