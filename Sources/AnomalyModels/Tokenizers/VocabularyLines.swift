/// The lines of a vocabulary file, without their line ends (LF or CR LF).
///
/// Tokens are kept and compared as UTF-8 bytes: two Swift strings are equal already if they are canonically
/// equivalent, but two tokens are not.
struct VocabularyLines {
    static let byteLimit = 64 << 20

    let lines: [ArraySlice<UInt8>]

    /// Throws if `file` is compressed, too large or not UTF-8.
    init(of file: [UInt8]) throws(TokenizerError) {
        guard !file.starts(with: [0x1F, 0x8B]) else { throw .vocabularyCompressed }
        guard file.count <= Self.byteLimit else {
            throw .vocabularyTooLarge(byteCount: file.count, limit: Self.byteLimit)
        }
        var lines: [ArraySlice<UInt8>] = []
        for var line in file.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            guard line.allSatisfy({ $0 < 0x80 }) || String(validating: line, as: UTF8.self) != nil else {
                throw .notText(line: lines.count + 1)
            }
            lines.append(line)
        }
        if lines.last?.isEmpty == true { lines.removeLast() }  // after the last line end
        self.lines = lines
    }
}
