/// The merges of a byte-pair vocabulary, by token id.
///
/// Ids: 0..<256 single bytes in the order of `byteOrder`, 256..<512 the same at the end of a word, then one
/// per merge in the order of the file, then the start and the end of a text.
struct BytePairVocabulary: Sendable {
    struct Pair: Hashable, Sendable {
        let left: Int32
        let right: Int32
    }

    /// The bytes that have a printable Latin-1 character of their own, then all others, each in rising order.
    static let byteOrder: [UInt8] = {
        let printable: [UInt8] = Array(33...126) + Array(161...172) + Array(174...255)
        return printable + (UInt8.min...UInt8.max).filter { !printable.contains($0) }
    }()

    private static let symbolCount = 512
    private static let suffix = Array("</w>".utf8)
    private static let sizes = symbolCount + 2...1_000_000

    /// The id that a pair of neighbours becomes. Smaller ids are merged first.
    let merges: [Pair: Int32]
    let startID: Int32
    let endID: Int32
    /// The id of every byte inside a word; 256 more at its end.
    let idOfByte: [Int32]

    /// Reads the merges: line 1 is skipped, then `size` - 514 lines `left right`; what follows is ignored.
    ///
    /// Throws if the file is compressed, over 64 MiB, no UTF-8 or too short, or if a line does not name two
    /// earlier tokens or makes one that exists.
    init(file: [UInt8], size: Int) throws(TokenizerError) {
        guard Self.sizes.contains(size) else { throw .impossibleSize(size, allowed: Self.sizes) }
        let mergeCount = size - Self.symbolCount - 2
        let lines = try VocabularyLines(of: file).lines
        guard lines.count >= mergeCount + 1 else {
            throw .tooFewLines(found: lines.count, needed: mergeCount + 1)
        }

        var ids: [ArraySlice<UInt8>: Int32] = [:]
        var idOfByte = [Int32](repeating: 0, count: 256)
        for (id, byte) in Self.byteOrder.enumerated() {
            let symbol = Self.symbol(ofID: id)
            ids[ArraySlice(symbol)] = Int32(id)
            ids[ArraySlice(symbol + Self.suffix)] = Int32(id + 256)
            idOfByte[Int(byte)] = Int32(id)
        }
        var merges: [Pair: Int32] = [:]
        merges.reserveCapacity(mergeCount)
        for (rank, line) in lines[1..<mergeCount + 1].enumerated() {
            let parts = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
            guard parts.count == 2, let left = ids[parts[0]], let right = ids[parts[1]] else {
                throw .malformedLine(line: rank + 2, expected: "two tokens of earlier lines")
            }
            let id = Int32(Self.symbolCount + rank)
            if let previous = ids.updateValue(id, forKey: parts[0] + parts[1]) {
                throw .duplicateToken(line: rank + 2, firstLine: max(1, Int(previous) - Self.symbolCount + 2))
            }
            merges[Pair(left: left, right: right)] = id
        }
        self.merges = merges
        self.idOfByte = idOfByte
        startID = Int32(size - 2)
        endID = Int32(size - 1)
    }

    /// How the file spells the byte `byteOrder[id]`, in UTF-8: printable bytes as themselves, the n-th other
    /// byte as U+0100 + n.
    private static func symbol(ofID id: Int) -> [UInt8] {
        let printableCount = 188
        let codePoint = id < printableCount ? UInt32(byteOrder[id]) : UInt32(0x100 + id - printableCount)
        return Array(String(Unicode.Scalar(codePoint)!).utf8)  // below U+0144: never a surrogate
    }
}
