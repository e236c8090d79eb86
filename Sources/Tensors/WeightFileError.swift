public import Platform

/// What is wrong with a weight file, where, and what to do about it. `file` is its path.
public enum WeightFileError: Error, Hashable, CustomStringConvertible {
    case unreadable(PlatformError)
    case unwritable(PlatformError)

    // The frame of the file
    case cutShort(file: String, byteCount: Int, neededByteCount: Int)
    case headerTooLarge(file: String, byteCount: UInt64)
    /// The header is no JSON of the expected form. `offset` counts bytes of the file.
    case malformedHeader(file: String, offset: Int, expected: String)
    case duplicateName(file: String, tensor: String)

    // One tensor's entry
    case unknownElementType(file: String, tensor: String, found: String)
    case impossibleShape(file: String, tensor: String, extents: [Int])
    /// The range of the tensor does not have the length that its shape and element type need.
    case wrongByteCount(file: String, tensor: String, needed: Int, found: Int)
    /// The range, counted from the start of the data, is reversed or leaves the data.
    case outsideData(file: String, tensor: String, begin: Int, end: Int, dataByteCount: Int)
    case overlap(file: String, tensor: String, other: String)
    /// Bytes of the data belong to no tensor. `offset` counts from the start of the data.
    case gap(file: String, offset: Int, byteCount: Int)

    // Asking for a tensor
    case missingTensor(file: String, tensor: String)
    case wrongElementType(file: String, tensor: String, found: ElementType, wanted: String)
    case notFinite(file: String, tensor: String, index: Int)

    // Adding a tensor
    case wrongElementCount(tensor: String, shape: Shape, found: Int)
    case notRepresentable(tensor: String, index: Int, value: Float, type: ElementType)
    case reservedName(tensor: String)

    /// What is wrong, where, and what to do, in one line.
    public var description: String {
        switch self {
        case .unreadable(let error), .unwritable(let error):
            error.description
        case .cutShort(let file, let byteCount, let needed):
            "'\(file)' is cut short: it has \(byteCount) bytes and needs \(needed). \(Self.again)"
        case .headerTooLarge(let file, let byteCount):
            "'\(file)' claims a header of \(byteCount) bytes, allowed are 100000000. "
                + "Is it a safetensors file?"
        case .malformedHeader(let file, let offset, let expected):
            "'\(file)': the header is not valid at byte \(offset), expected \(expected). \(Self.again)"
        case .duplicateName(let file, let tensor):
            "'\(file)' names \(quoted(tensor)) twice. Write every tensor once."
        case .unknownElementType(let file, let tensor, let found):
            "'\(file)': tensor \(quoted(tensor)) has the element type \(quoted(found)). "
                + "Convert it to one of: "
                + ElementType.allCases.map(\.rawValue).joined(separator: ", ") + "."
        case .impossibleShape(let file, let tensor, let extents):
            "'\(file)': tensor \(quoted(tensor)) has the impossible shape \(extents). \(Self.again)"
        case .wrongByteCount(let file, let tensor, let needed, let found):
            "'\(file)': tensor \(quoted(tensor)) needs \(needed) bytes and has \(found). \(Self.again)"
        case .outsideData(let file, let tensor, let begin, let end, let byteCount):
            "'\(file)': tensor \(quoted(tensor)) lies at \(begin) to \(end) of \(byteCount) bytes. "
                + Self.again
        case .overlap(let file, let tensor, let other):
            "'\(file)': tensors \(quoted(tensor)) and \(quoted(other)) overlap. \(Self.again)"
        case .gap(let file, let offset, let byteCount):
            "'\(file)': \(byteCount) bytes from \(offset) of the data belong to no tensor. \(Self.again)"
        case .missingTensor(let file, let tensor):
            "'\(file)' has no tensor \(quoted(tensor)). Check that it is a file for this architecture."
        case .wrongElementType(let file, let tensor, let found, let wanted):
            "'\(file)': tensor \(quoted(tensor)) is \(found.rawValue) where \(wanted) is needed. Convert it."
        case .notFinite(let file, let tensor, let index):
            "'\(file)': element \(index) of tensor \(quoted(tensor)) is not a finite number. \(Self.again)"
        case .wrongElementCount(let tensor, let shape, let found):
            "tensor \(quoted(tensor)) of shape \(shape) needs \(shape.elementCount) elements "
                + "and got \(found). Check the shape."
        case .notRepresentable(let tensor, let index, let value, let type):
            "element \(index) of tensor \(quoted(tensor)) is \(value), which \(type.rawValue) cannot hold. "
                + "Use a wider type or rescale it."
        case .reservedName(let tensor):
            "\(quoted(tensor)) cannot be the name of a tensor: safetensors keeps it. Choose another."
        }
    }

    private static let again = "Copy or download it again."
}
