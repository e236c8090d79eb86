import Tensors

/// Float tensors by name, as a checkpoint holds them; changed by tests, then read as a file.
struct NamedTensors {
    var tensors: [String: (shape: [Int], values: [Float])] = [:]

    /// The float tensors of a file in the folder Golden.
    init(golden name: String) throws {
        let file = try WeightFile(path: TestFiles.golden(name))
        for name in file.names {
            let entry = try file.entry(name)
            let values = entry.elementType == .int64 ? [0] : try file.floats(name)
            tensors[name] = (entry.shape.extents, values)
        }
    }

    init(_ tensors: [String: (shape: [Int], values: [Float])]) { self.tensors = tensors }

    /// A weight file in memory.
    func file() throws -> WeightFile { try WeightFile(bytes: bytes(), path: "checkpoint") }

    /// The bytes of a weight file, float32.
    func bytes() throws -> [UInt8] {
        var writer = WeightFileWriter()
        for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
            try writer.addFloat32(name, Shape(tensor.shape), tensor.values)
        }
        return writer.bytes()
    }

    /// `name dimension dimension ...`, sorted, as Golden/clip.py lists the tensors of a layout.
    var list: [String] {
        tensors.map { name, tensor in ([name] + tensor.shape.map { String($0) }).joined(separator: " ") }
            .sorted()
    }

    mutating func rename(_ old: String, _ new: String) {
        tensors[new] = tensors.removeValue(forKey: old)
    }

    mutating func addZeros(_ name: String, _ shape: [Int]) {
        tensors[name] = (shape, [Float](repeating: 0, count: shape.reduce(1, *)))
    }

    mutating func transpose(_ name: String) {
        let (shape, values) = tensors[name]!
        let (rows, columns) = (shape[0], shape[1])
        var transposed = values
        for row in 0..<rows {
            for column in 0..<columns { transposed[column * rows + row] = values[row * columns + column] }
        }
        tensors[name] = ([columns, rows], transposed)
    }
}
