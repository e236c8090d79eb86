/// A byte buffer that protocol lines are appended to (LWP/1, section 1).
///
/// The buffer keeps its memory between lines: after the longest line has been written once, writing integers,
/// constants and strings allocates nothing.
public struct LineWriter: Sendable {
    /// What has been written since the last `removeAll`, as UTF-8.
    public private(set) var bytes: [UInt8] = []

    /// Reserves `capacity` bytes; 240 hold every line of profile plc.
    public init(capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    /// Forgets what was written and keeps the memory.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
    }

    /// Takes back everything after the first `count` bytes.
    public mutating func truncate(to count: Int) {
        bytes.removeLast(bytes.count - count)
    }

    /// Appends `text` as it stands: keys and punctuation.
    public mutating func put(_ text: StaticString) {
        // A static string's pointer is valid for the life of the process, and `utf8CodeUnitCount` is its length.
        unsafe bytes.append(
            contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends one byte as it stands.
    public mutating func put(byte: UInt8) {
        bytes.append(byte)
    }

    /// Appends `value` in decimal.
    public mutating func put(_ value: some FixedWidthInteger) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        let start = bytes.count
        var rest = UInt64(value.magnitude)
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }

    /// Appends `key` followed by `value` in decimal; `key` carries its own punctuation.
    public mutating func put(_ key: StaticString, _ value: some FixedWidthInteger) {
        put(key)
        put(value)
    }

    /// Appends `value` as a JSON number, or `null` where it is no number.
    public mutating func put(_ value: Float) {
        put(number: Double(value), text: value.description)
    }

    /// Appends `value` as a JSON number, or `null` where it is no number.
    public mutating func put(_ value: Double) {
        put(number: value, text: value.description)
    }

    private mutating func put(number: Double, text: String) {
        if number.isFinite { bytes.append(contentsOf: text.utf8) } else { put("null") }
    }

    /// Appends the lowest `digits` hexadecimal digits of `value`, lower-case.
    public mutating func put(hex value: UInt64, digits: Int) {
        for place in (0..<digits).reversed() {
            let digit = UInt8(truncatingIfNeeded: value >> (4 * UInt64(place)) & 15)
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }

    /// Appends `text` as a JSON string with its quotes: what JSON forbids is escaped, the rest stays UTF-8.
    public mutating func put(quoted text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<32:
                put("\\u00")
                put(hex: UInt64(byte), digits: 2)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends `text` as a string of profile plc with its quotes: at most `width` characters, and a `?` for each
    /// byte that is not printable ASCII or would need an escape.
    public mutating func put(plain text: String, width: Int) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8.prefix(width) {
            let isPlain = 33...126 ~= byte && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
            bytes.append(isPlain ? byte : UInt8(ascii: "?"))
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

/// How much a line says (LWP/1, section 1).
public enum Profile: String, CaseIterable, Sendable {
    /// One flat object of integers and short strings, at most 240 bytes, in fixed order.
    case plc
    /// Any JSON; the keys of profile plc come first and mean the same.
    case full
}

/// The limits of a line that every client may rely on (LWP/1, section 1).
public enum LineLimit {
    /// Bytes of a line of profile plc, with its newline.
    public static let plc = 240
    /// Bytes of a line of profile full, with its newline.
    public static let full = 32_768
    /// The largest log number: 2^53-1, exact in a double.
    public static let seq: UInt64 = 9_007_199_254_740_991
    /// The largest `bk`.
    public static let backlog: UInt64 = 9_999_999
    /// The largest `sc`.
    public static let score: UInt32 = 9_999_999
}
