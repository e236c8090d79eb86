/// The checked header of a weight file.
struct WeightFileHeader {
    private(set) var entries: [String: WeightFile.Entry] = [:]
    private(set) var metadata: [String: String] = [:]
    private let path: String

    private static let largestByteCount: UInt64 = 100_000_000
    private static let metadataKey = "__metadata__"

    /// Reads and checks the header of the file `bytes`. Throws the first thing that is wrong.
    ///
    /// - Complexity: O(n log n) in the length of the header; memory is a small multiple of it.
    init(of bytes: RawSpan, path: String) throws(WeightFileError) {
        self.path = path
        guard bytes.byteCount >= 8 else {
            throw .cutShort(file: path, byteCount: bytes.byteCount, neededByteCount: 8)
        }
        let count = UInt64(littleEndian: unsafe bytes.unsafeLoadUnaligned(as: UInt64.self))
        guard count <= Self.largestByteCount else { throw .headerTooLarge(file: path, byteCount: count) }
        let dataStart = 8 + Int(count)
        guard bytes.byteCount >= dataStart else {
            throw .cutShort(file: path, byteCount: bytes.byteCount, neededByteCount: dataStart)
        }
        // The copy is at most as large as the file; both bounds were checked above.
        var scanner = HeaderScanner(
            unsafe bytes.withUnsafeBytes { unsafe Array($0[8..<dataStart]) }, path: path)
        try read(&scanner, dataStart: dataStart, dataByteCount: bytes.byteCount - dataStart)
        try checkCoverage(dataStart: dataStart, dataByteCount: bytes.byteCount - dataStart)
    }

    private mutating func read(
        _ scanner: inout HeaderScanner, dataStart: Int, dataByteCount: Int
    ) throws(WeightFileError) {
        var hasMetadata = false
        try scanner.object { scanner, name throws(WeightFileError) in
            if name == Self.metadataKey {
                guard !hasMetadata else { throw .duplicateName(file: path, tensor: name) }
                hasMetadata = true
                try readMetadata(&scanner)
                return
            }
            let entry = try RawEntry(&scanner)
                .checked(name: name, path: path, dataStart: dataStart, dataByteCount: dataByteCount)
            guard entries.updateValue(entry, forKey: name) == nil else {
                throw .duplicateName(file: path, tensor: name)
            }
        }
        try scanner.finish()
    }

    private mutating func readMetadata(_ scanner: inout HeaderScanner) throws(WeightFileError) {
        try scanner.object { scanner, key throws(WeightFileError) in
            guard metadata.updateValue(try scanner.string(), forKey: key) == nil else {
                throw .duplicateName(file: path, tensor: key)
            }
        }
    }

    /// Throws unless the ranges of the tensors, sorted, cover the data without overlap and gap.
    private func checkCoverage(dataStart: Int, dataByteCount: Int) throws(WeightFileError) {
        let sorted = entries.sorted {
            ($0.value.byteRange.lowerBound, $0.value.byteRange.upperBound, $0.key)
                < ($1.value.byteRange.lowerBound, $1.value.byteRange.upperBound, $1.key)
        }
        var covered = dataStart
        var last = ""
        for (name, entry) in sorted {
            let begin = entry.byteRange.lowerBound
            guard begin >= covered else { throw .overlap(file: path, tensor: name, other: last) }
            guard begin == covered else {
                throw .gap(file: path, offset: covered - dataStart, byteCount: begin - covered)
            }
            covered = entry.byteRange.upperBound
            last = name
        }
        let end = dataStart + dataByteCount
        guard covered == end else {
            throw .gap(file: path, offset: covered - dataStart, byteCount: end - covered)
        }
    }
}

/// An entry of the header as it is written.
private struct RawEntry {
    let type: String
    let extents: [Int]
    let begin: Int
    let end: Int

    /// Reads `{"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]}`, in any order.
    init(_ scanner: inout HeaderScanner) throws(WeightFileError) {
        let start = scanner.offset
        var type: String?
        var extents: [Int]?
        var offsets: [Int]?
        try scanner.object { scanner, key throws(WeightFileError) in
            switch key {
            case "dtype" where type == nil: type = try scanner.string()
            case "shape" where extents == nil: extents = try scanner.numbers()
            case "data_offsets" where offsets == nil: offsets = try scanner.numbers()
            default: throw scanner.malformed(scanner.offset, "one dtype, shape and data_offsets")
            }
        }
        guard let type, let extents, let offsets, offsets.count == 2 else {
            throw scanner.malformed(start, "dtype, shape and two data_offsets")
        }
        self.type = type
        self.extents = extents
        (begin, end) = (offsets[0], offsets[1])
    }

    /// The entry with its range inside the file. Throws if type, shape and range do not fit each other or the
    /// data.
    func checked(
        name: String, path: String, dataStart: Int, dataByteCount: Int
    ) throws(WeightFileError) -> WeightFile.Entry {
        guard let elementType = ElementType(rawValue: type) else {
            throw .unknownElementType(file: path, tensor: name, found: type)
        }
        guard let shape = Shape(checking: extents), let needed = shape.byteCount(of: elementType) else {
            throw .impossibleShape(file: path, tensor: name, extents: Array(extents.prefix(8)))
        }
        guard begin <= end, end <= dataByteCount else {
            throw .outsideData(file: path, tensor: name, begin: begin, end: end, dataByteCount: dataByteCount)
        }
        guard end - begin == needed else {
            throw .wrongByteCount(file: path, tensor: name, needed: needed, found: end - begin)
        }
        return .init(elementType: elementType, shape: shape, byteRange: dataStart + begin..<dataStart + end)
    }
}
