/// A strict reader of the JSON in a weight file's header, one piece at a time, in the order it is written.
///
/// It knows strings, natural numbers, lists and objects of known form, so it never recurses, and its memory
/// is that of the pieces it returns. Everything else (a fraction, null, a deeper object) is malformed by
/// definition.
struct HeaderScanner {
    private let bytes: [UInt8]
    private let path: String
    private(set) var offset = 0

    /// Reads `bytes`, the header of the file `path`.
    init(_ bytes: [UInt8], path: String) {
        self.bytes = bytes
        self.path = path
    }

    /// The error for a header that does not have `expected` at its byte `offset`.
    func malformed(_ offset: Int, _ expected: String) -> WeightFileError {
        .malformedHeader(file: path, offset: 8 + offset, expected: expected)
    }

    /// Reads `{ "key": value, ... }`, calling `value` after each key, which must consume the value.
    mutating func object(
        value: (inout HeaderScanner, String) throws(WeightFileError) -> Void
    ) throws(WeightFileError) {
        try expect("{")
        if skip("}") { return }
        repeat {
            let key = try string()
            try expect(":")
            try value(&self, key)
        } while skip(",")
        try expect("}")
    }

    /// Reads `[1, 2, ...]`, which may be empty.
    mutating func numbers() throws(WeightFileError) -> [Int] {
        try expect("[")
        if skip("]") { return [] }
        var numbers: [Int] = []
        repeat { numbers.append(try number()) } while skip(",")
        try expect("]")
        return numbers
    }

    /// Reads a number from 0 to 2^63 - 1, without sign, fraction or leading zeros.
    mutating func number() throws(WeightFileError) -> Int {
        skipSpace()
        let start = offset
        var value = 0
        while offset < bytes.count, case let digit = bytes[offset] &- 48, digit < 10 {
            let (shifted, overflows) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflowsToo) = shifted.addingReportingOverflow(Int(digit))
            guard !overflows, !overflowsToo else {
                throw malformed(start, "a number below 2^63")
            }
            value = sum
            offset += 1
        }
        guard offset > start, offset == start + 1 || bytes[start] != 48 else {
            throw malformed(start, "a natural number")
        }
        return value
    }

    /// Reads a string in quotes: valid UTF-8, no raw control characters, the escapes of JSON.
    mutating func string() throws(WeightFileError) -> String {
        try expect("\"")
        let start = offset
        var text: [UInt8] = []
        while offset < bytes.count, bytes[offset] != UInt8(ascii: "\"") {
            let byte = bytes[offset]
            guard byte >= 32 else { throw malformed(offset, "no control character") }
            offset += 1
            if byte == UInt8(ascii: "\\") {
                text.append(contentsOf: String(try escaped()).utf8)
            } else {
                text.append(byte)
            }
        }
        guard offset < bytes.count else { throw malformed(offset, "the end of a string") }
        offset += 1
        guard let string = String(validating: text, as: UTF8.self) else {
            throw malformed(start, "UTF-8")
        }
        return string
    }

    /// Reads what may stand at the end: white space.
    mutating func finish() throws(WeightFileError) {
        skipSpace()
        guard offset == bytes.count else { throw malformed(offset, "the end of the header") }
    }

    // MARK: - Pieces

    /// Skips white space and then `character`. Throws if another one stands there.
    private mutating func expect(_ character: Unicode.Scalar) throws(WeightFileError) {
        guard skip(character) else { throw malformed(offset, "'\(character)'") }
    }

    /// Skips white space and then `character`, or returns false if another one stands there.
    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    private mutating func skipSpace() {
        while offset < bytes.count, [32, 9, 10, 13].contains(bytes[offset]) { offset += 1 }
    }

    /// Reads the rest of an escape sequence, after its backslash.
    private mutating func escaped() throws(WeightFileError) -> Unicode.Scalar {
        let start = offset
        guard offset < bytes.count else { throw malformed(start, "an escape sequence") }
        offset += 1
        switch Unicode.Scalar(bytes[start]) {
        case "\"": return "\""
        case "\\": return "\\"
        case "/": return "/"
        case "b": return "\u{8}"
        case "f": return "\u{c}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "u": break
        default: throw malformed(start, "an escape sequence")
        }
        var value = try hexadecimal()
        if 0xD800..<0xDC00 ~= value, offset + 1 < bytes.count, bytes[offset] == UInt8(ascii: "\\"),
            bytes[offset + 1] == UInt8(ascii: "u")
        {
            offset += 2
            let low = try hexadecimal()
            guard 0xDC00..<0xE000 ~= low else { throw malformed(start, "a pair of surrogates") }
            value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(value) else {
            throw malformed(start, "a pair of surrogates")
        }
        return scalar
    }

    /// Reads the four digits of an escape sequence.
    private mutating func hexadecimal() throws(WeightFileError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard offset < bytes.count, let digit = Character(Unicode.Scalar(bytes[offset])).hexDigitValue
            else {
                throw malformed(offset, "four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            offset += 1
        }
        return value
    }
}
