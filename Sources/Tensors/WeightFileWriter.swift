import Platform

/// Collects named tensors and writes them as one safetensors file, always with the same bytes for the same
/// tensors.
///
/// The data start at a multiple of 64 bytes. Tensors of wider elements come first and equal ones are sorted
/// by name, so that each is aligned to the size of its elements without gaps, which the format forbids.
public struct WeightFileWriter: Sendable {
    /// Free text entries that go into the header.
    public var metadata: [String: String]
    private var tensors: [String: (type: ElementType, shape: Shape, bytes: [UInt8])] = [:]

    /// A file without tensors.
    public init(metadata: [String: String] = [:]) {
        self.metadata = metadata
    }

    /// Adds an F32 tensor. `values` are row-major, as many as `shape` has elements, and finite.
    ///
    /// Throws `wrongElementCount`, `notRepresentable`, `duplicateName` or `reservedName`.
    public mutating func addFloat32(_ name: String, _ shape: Shape, _ values: [Float]) throws(WeightFileError)
    {
        if let index = values.firstIndex(where: { !$0.isFinite }) {
            throw .notRepresentable(tensor: name, index: index, value: values[index], type: .float32)
        }
        try add(name, .float32, shape, values)
    }

    /// Adds an F16 tensor: each value is rounded to the nearest half, ties to even, and must be at most
    /// 65504.
    ///
    /// Throws `wrongElementCount`, `notRepresentable`, `duplicateName` or `reservedName`.
    public mutating func addFloat16(_ name: String, _ shape: Shape, _ values: [Float]) throws(WeightFileError)
    {
        let halves = values.map { Float16($0) }
        if let index = halves.firstIndex(where: { !$0.isFinite }) {
            throw .notRepresentable(tensor: name, index: index, value: values[index], type: .float16)
        }
        try add(name, .float16, shape, halves)
    }

    /// Adds an I8 tensor. Throws `wrongElementCount`, `duplicateName` or `reservedName`.
    public mutating func addInt8(_ name: String, _ shape: Shape, _ codes: [Int8]) throws(WeightFileError) {
        try add(name, .int8, shape, codes)
    }

    /// Adds a U8 tensor. Throws `wrongElementCount`, `duplicateName` or `reservedName`.
    public mutating func addUInt8(_ name: String, _ shape: Shape, _ codes: [UInt8]) throws(WeightFileError) {
        try add(name, .uint8, shape, codes)
    }

    /// Adds an I32 tensor. Throws `wrongElementCount`, `duplicateName` or `reservedName`.
    public mutating func addInt32(_ name: String, _ shape: Shape, _ values: [Int32]) throws(WeightFileError) {
        try add(name, .int32, shape, values)
    }

    /// Writes the file in one durable step (see `FileReplacement`). Blocks. Throws `unwritable`, and then
    /// `path` is as it was.
    public func write(to path: String) throws(WeightFileError) {
        do {
            var file = try FileReplacement(of: path)
            try unsafe file.append(header().span.bytes)  // UInt8 has no padding bytes, here and below
            for name in order {
                if let tensor = tensors[name] { try unsafe file.append(tensor.bytes.span.bytes) }
            }
            try file.commit()
        } catch { throw .unwritable(error) }
    }

    /// The bytes of the file.
    public func bytes() -> [UInt8] {
        order.reduce(into: header()) { file, name in file.append(contentsOf: tensors[name]?.bytes ?? []) }
    }

    private mutating func add<Element: BitwiseCopyable>(
        _ name: String, _ type: ElementType, _ shape: Shape, _ elements: [Element]
    ) throws(WeightFileError) {
        guard name != "__metadata__" else { throw .reservedName(tensor: name) }
        guard elements.count == shape.elementCount else {
            throw .wrongElementCount(tensor: name, shape: shape, found: elements.count)
        }
        guard tensors[name] == nil else { throw .duplicateName(file: "the new weight file", tensor: name) }
        // The elements are numbers without padding bytes, little-endian as the file.
        tensors[name] = (type, shape, unsafe elements.withUnsafeBytes { unsafe Array($0) })
    }

    /// The names in the order of the data.
    private var order: [String] {
        tensors.sorted { a, b in
            a.value.type.byteCount != b.value.type.byteCount
                ? a.value.type.byteCount > b.value.type.byteCount
                : a.key.utf8.lexicographicallyPrecedes(b.key.utf8)
        }.map(\.key)
    }

    /// The length and the header, padded with spaces so that the data start at a multiple of 64 bytes.
    private func header() -> [UInt8] {
        var parts: [String] = []
        if !metadata.isEmpty {
            let texts = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
                .map { json($0.key) + ":" + json($0.value) }
            parts.append("\"__metadata__\":{" + texts.joined(separator: ",") + "}")
        }
        var offset = 0
        for name in order {
            guard let tensor = tensors[name] else { continue }
            let extents = tensor.shape.extents.map(String.init).joined(separator: ",")
            let end = offset + tensor.bytes.count
            parts.append(
                json(name) + ":{\"dtype\":\"\(tensor.type.rawValue)\",\"shape\":[\(extents)],"
                    + "\"data_offsets\":[\(offset),\(end)]}")
            offset = end
        }
        var header = Array("{\(parts.joined(separator: ","))}".utf8)
        header += Array(repeating: UInt8(ascii: " "), count: (64 - (8 + header.count) % 64) % 64)
        return (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) } + header
    }
}

/// `text` as a JSON string.
private func json(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\0"..<" ":
            result += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}
