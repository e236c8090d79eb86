/// Character references of HTML: `&#65;`, `&#x41;`, the five names of XML and `&nbsp;`. Other names stay as
/// they are.
enum HTMLReferences {
    /// As in HTML, only these names may come without the semicolon.
    private static let names: [(name: String, scalar: Unicode.Scalar, needsSemicolon: Bool)] = [
        ("amp", "&", false), ("lt", "<", false), ("gt", ">", false), ("quot", "\"", false),
        ("nbsp", "\u{A0}", false), ("apos", "'", true),
    ]

    /// `text` with every reference replaced, once: the result may hold references again.
    static func resolved(in text: String) -> String {
        var out = String.UnicodeScalarView()
        var rest = text.unicodeScalars[...]
        while let first = rest.popFirst() {
            if first == "&", let (scalar, length) = reference(at: rest) {
                out.append(scalar)
                rest = rest.dropFirst(length)
            } else {
                out.append(first)
            }
        }
        return String(out)
    }

    /// The character that `rest`, which follows an ampersand, refers to, and the scalars that the reference
    /// takes.
    private static func reference(at rest: Substring.UnicodeScalarView) -> (Unicode.Scalar, length: Int)? {
        if rest.first == "#" { return number(at: rest.dropFirst()) }
        for (name, scalar, needsSemicolon) in names where rest.starts(with: name.unicodeScalars) {
            let closes = rest.dropFirst(name.count).first == ";"
            if closes || !needsSemicolon { return (scalar, name.count + (closes ? 1 : 0)) }
        }
        return nil
    }

    /// As `reference`, for what follows `&#`. No Unicode character: U+FFFD.
    private static func number(at rest: Substring.UnicodeScalarView) -> (Unicode.Scalar, length: Int)? {
        let isHexadecimal = rest.first == "x" || rest.first == "X"
        let digits = rest.dropFirst(isHexadecimal ? 1 : 0).prefix {
            isHexadecimal ? $0.properties.isASCIIHexDigit : ("0"..."9").contains($0)
        }
        guard !digits.isEmpty else { return nil }
        let closes = rest[digits.endIndex...].first == ";"
        let value = UInt32(Substring(digits), radix: isHexadecimal ? 16 : 10)
        let scalar = value.flatMap { $0 == 0 ? nil : Unicode.Scalar($0) } ?? "\u{FFFD}"
        return (scalar, 1 + (isHexadecimal ? 1 : 0) + digits.count + (closes ? 1 : 0))
    }
}
