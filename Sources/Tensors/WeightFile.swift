// WEIGHT FILE (safetensors)
//
//      0   byte count n of the header, little-endian UInt64
//      8   header, JSON: { "name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]}, ... }
//          and at most one "__metadata__": {"key": "text", ...}; white space may follow
//   8 + n  data, to the end of the file: little-endian elements, row-major
//
// A file is valid if and only if n <= 100,000,000, the header lies inside the file and is JSON of exactly
// that form, no name comes twice, every range has the length that its shape and type need, and the ranges,
// sorted, follow each other without overlap or gap from the first byte of the data to the last.

public import Platform

/// The named tensors of a safetensors file. Opening checks the whole header, so that no later access can
/// leave the file; elements are only read when asked for.
public struct WeightFile: Sendable {
    /// Where one tensor lies and how it is to be read.
    public struct Entry: Sendable, Hashable {
        /// How each element is written.
        public let elementType: ElementType
        /// The extents, outermost first.
        public let shape: Shape
        /// The bytes of the file that hold the elements, row-major, little-endian. Their start need not be
        /// aligned.
        public let byteRange: Range<Int>
    }

    private enum Storage: Sendable {
        case mapped(MappedFile)
        case memory([UInt8])
    }

    /// The path of the file, for messages.
    public let path: String
    /// The free text entries of the file.
    public let metadata: [String: String]
    /// The names of the tensors, sorted by their UTF-8 bytes.
    public let names: [String]
    private let entries: [String: Entry]
    private let storage: Storage

    /// Maps the file at `path` and checks its header. Throws the first thing that is wrong with it.
    public init(path: String) throws(WeightFileError) {
        let file: MappedFile
        do { file = try MappedFile(path) } catch { throw .unreadable(error) }
        try self.init(file, path: path)
    }

    /// Checks a file that is already mapped. Throws the first thing that is wrong with it.
    ///
    /// - Parameter path: what error messages call it.
    public init(_ file: MappedFile, path: String) throws(WeightFileError) {
        try self.init(path: path, storage: .mapped(file))
    }

    /// Checks a file that is already in memory. Throws the first thing that is wrong with it.
    ///
    /// - Parameter path: what error messages call it.
    public init(bytes: [UInt8], path: String = "memory") throws(WeightFileError) {
        try self.init(path: path, storage: .memory(bytes))
    }

    private init(path: String, storage: Storage) throws(WeightFileError) {
        let header: WeightFileHeader
        switch storage {
        case .mapped(let file):
            header = try file.withBytes { bytes throws(WeightFileError) in
                try WeightFileHeader(of: bytes, path: path)
            }
        case .memory(let bytes):
            // UInt8 has no padding bytes, so every byte of the span is initialised.
            header = try WeightFileHeader(of: unsafe bytes.span.bytes, path: path)
        }
        self.path = path
        self.storage = storage
        metadata = header.metadata
        entries = header.entries
        names = header.entries.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The type, shape and place of the tensor `name`, or nil if there is none.
    public func tensor(_ name: String) -> Entry? { entries[name] }

    /// The type, shape and place of the tensor `name`. Throws `missingTensor` if there is none.
    public func entry(_ name: String) throws(WeightFileError) -> Entry {
        guard let entry = entries[name] else { throw .missingTensor(file: path, tensor: name) }
        return entry
    }

    /// Calls `body` with the bytes of the tensor `name`, which are valid only inside it.
    ///
    /// Files of `WeightFileWriter` align every tensor to the size of its elements; others may not.
    /// Throws `missingTensor`, or what `body` throws.
    public func withUnsafeBytes<Result>(
        of name: String, _ body: (UnsafeRawBufferPointer) throws(WeightFileError) -> Result
    ) throws(WeightFileError) -> Result {
        let range = try entry(name).byteRange
        // The range was checked against the length of the file when it was opened.
        switch storage {
        case .mapped(let file):
            return try unsafe file.withUnsafeBytes { file throws(WeightFileError) in
                try unsafe body(UnsafeRawBufferPointer(rebasing: file[range]))
            }
        case .memory(let bytes):
            return try unsafe bytes.span.bytes.withUnsafeBytes { file throws(WeightFileError) in
                try unsafe body(UnsafeRawBufferPointer(rebasing: file[range]))
            }
        }
    }
}
