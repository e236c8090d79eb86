import Platform

/// A random document that is TOML, in all the forms that keys and tables can take.
struct GeneratedDocument {
    private(set) var text = ""
    private var random: SplitMix64
    private var counter = 0

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
        assignments(upTo: 3)
        for _ in 0..<Int.random(in: 0...6, using: &random) { section() }
        if Bool.random(using: &random) { text = text.replacing("\n", with: "\r\n") }
    }

    private mutating func pick(_ choices: [String]) -> String { choices.randomElement(using: &random) ?? "" }

    /// A key that no other is equal to, so that the document holds.
    private mutating func key() -> String {
        counter += 1
        return pick([
            "key\(counter)", "k-\(counter)_", "\(counter)", "\"a b.\(counter)\"", "'lit\"\(counter)'",
            "\"esc\\\"\\u00e9\(counter)\"", "\"日本\(counter)\"",
        ])
    }

    private mutating func section() {
        let path = (0..<Int.random(in: 1...3, using: &random)).map { _ in key() }
        let name = path.joined(separator: pick([".", " . ", ".\t"]))
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                text += "\(pick(["", "  "]))[[\(name)]]\(comment())\n"
                assignments(upTo: 2)
                text += "[\(name).\(key())]\n"
                assignments(upTo: 2)
            }
        case 1:
            text += "[\(name).inner]\n"
            assignments(upTo: 2)
            text += "[ \(name) ]\n"
            assignments(upTo: 2)
        default:
            text += "[\(name)]\(comment())\n"
            assignments(upTo: 4)
        }
    }

    private mutating func assignments(upTo count: Int) {
        for _ in 0..<Int.random(in: 0...count, using: &random) {
            text += pick(["", " ", "\t"])
            if Int.random(in: 0..<4, using: &random) == 0 {
                let shared = key()
                text += "\(shared).\(key()) = \(value(2))\(comment())\n\(shared) . \(key()).x = \(value(1))\n"
            } else {
                text += "\(key())\(pick([" = ", "=", "\t=  "]))\(value(3))\(comment())\n"
            }
            if Int.random(in: 0..<5, using: &random) == 0 { text += "\n# \(key()) = [[\n" }
        }
    }

    private mutating func comment() -> String { pick(["", "", " # é [x] = \"", "\t#"]) }

    private mutating func value(_ depth: Int) -> String {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &random) {
        case 0: return "\(Int.random(in: -1_000_000...1_000_000, using: &random))"
        case 1:
            return pick(["1_000", "0xDEAD_beef", "0o17", "0b1_0", "+7", "-0", "9223372036854775807"])
        case 2: return pick(["1.5", "-2e3", "6.626e-34", "1_0.0_1", "inf", "-inf", "0.0", "1E+2"])
        case 3: return pick(["true", "false"])
        case 4:
            return pick([
                "\"plain\"", "\"tab\\t quote\\\" \\\\ \\U0001F600\"", "'C:\\path'", "\"\"", "''",
                "\"\"\"\nfirst\nsecond \"quoted\" \\\n   folded\"\"\"", "'''one\n'two'\n'''",
                "\"\"\"a\"\"\"\"\"",
                "\"# no comment = [\"",
            ])
        case 5:
            return pick([
                "1979-05-27", "07:32:00", "1979-05-27T07:32:00Z", "1979-05-27 07:32:00.5-07:00",
                "2000-02-29T23:59:59",
            ])
        case 6:
            let elements = (0..<Int.random(in: 0...3, using: &random)).map { _ in value(depth - 1) }
            let start = pick(["", "\n  ", " # [\n"]), end = pick(["", ",", "\n"])
            let list = elements.joined(separator: pick([", ", ",\n", " ,# ]\n  "]))
            return "[\(start)\(list)\(elements.isEmpty ? "" : end)]"
        default:
            let pairs = (0..<Int.random(in: 0...3, using: &random)).map { _ in
                "\(key()) = \(value(depth - 1))"
            }
            return "{ \(pairs.joined(separator: ", ")) }".replacing("[ # [\n", with: "[")
        }
    }
}
