/// What the daemon said of one frame of a recording, without what is another time or place of saying it.
///
/// One line of a golden file: `{"frame":3,"v":2,"rs":0,"sc":12345,...}`, the keys as profile full of the protocol
/// has them and in its order.
struct GoldenResult: Equatable {
    let members: [Member]

    struct Member: Equatable {
        let key, value: String
    }

    /// When, by whom and under which number a result was made.
    private static let circumstances: Set<String> = [
        "t", "seq", "ts", "us", "mono_ns", "run", "boot", "stage_us", "bk", "job", "calib",
    ]

    /// The result line `record` of frame `frame`, the first being 1. Nil where it is not one JSON object.
    init?(record: String, frame: Int) {
        guard let all = Self.members(of: record) else { return nil }
        members =
            [Member(key: "frame", value: "\(frame)")]
            + all.filter { !Self.circumstances.contains($0.key) }
    }

    /// A line of a golden file. Nil where it is not one JSON object.
    init?(line: String) {
        guard let members = Self.members(of: line) else { return nil }
        self.members = members
    }

    var line: String { "{" + members.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}" }

    subscript(key: String) -> String? { members.first { $0.key == key }?.value }

    /// `v 1, not 2; sc 8012, not 12345`: what is here instead of what `expected` has. Nil where they are equal.
    func difference(from expected: GoldenResult) -> String? {
        guard self != expected else { return nil }
        var keys = expected.members.map(\.key)
        keys += members.map(\.key).filter { !keys.contains($0) }
        let parts = keys.filter { self[$0] != expected[$0] }.map { key in
            "\(key) \(self[key] ?? "absent"), not \(expected[key] ?? "absent")"
        }
        return parts.isEmpty ? "the same keys in another order" : parts.joined(separator: "; ")
    }

    /// Cuts one JSON object into its members; the values stay as they are written.
    private static func members(of text: String) -> [Member]? {
        let bytes = Array(text.utf8)
        guard bytes.first == UInt8(ascii: "{"), bytes.last == UInt8(ascii: "}") else { return nil }
        var members: [Member] = []
        var depth = 0, start = 1, colon: Int?
        var isQuoted = false, isEscaped = false
        for (index, byte) in bytes.enumerated() {
            if isQuoted {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else {
                    isQuoted = byte != UInt8(ascii: "\"")
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isQuoted = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: ":") where depth == 1 && colon == nil: colon = index
            case UInt8(ascii: ",") where depth == 1, UInt8(ascii: "}") where depth == 1:
                guard let member = member(bytes[start..<index], colon: colon) else { return nil }
                members.append(member)
                (start, colon) = (index + 1, nil)
                if byte == UInt8(ascii: "}") { return index == bytes.count - 1 ? members : nil }
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
        }
        return nil
    }

    private static func member(_ bytes: ArraySlice<UInt8>, colon: Int?) -> Member? {
        guard let colon else { return nil }
        let key = bytes[..<colon], value = bytes[(colon + 1)...]
        guard key.count >= 2, key.first == UInt8(ascii: "\""), key.last == UInt8(ascii: "\""), !value.isEmpty
        else { return nil }
        return Member(
            key: String(decoding: key.dropFirst().dropLast(), as: UTF8.self),
            value: String(decoding: value, as: UTF8.self))
    }
}
