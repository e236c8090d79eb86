import Configuration
import Platform
import TOMLKit
import Testing

/// The reader, held against TOMLKit (toml++): the same keys, types and values.
struct DocumentReferenceTests {
    @Test("generated documents give TOMLKit's key paths and values")
    func generated() throws {
        for seed in 0..<400 as Range<UInt64> {
            let text = GeneratedDocument(seed: seed).text
            let document = Document(reading: Array(text.utf8), path: "x")
            #expect(document.errors.map(\.message) == [], "seed \(seed)\n\(text)")
            let table = try TOMLTable(string: text)
            #expect(flat(document.root) == flat(table), "seed \(seed)\n\(text)")
        }
    }

    @Test("each key is where its position says")
    func positions() {
        for seed in 0..<400 as Range<UInt64> {
            let text = GeneratedDocument(seed: seed).text
            let lines = text.replacing("\r\n", with: "\n").split(
                separator: "\n", omittingEmptySubsequences: false)
            visit(Document(reading: Array(text.utf8), path: "x").root, "") { key, origin in
                guard case .file(let location) = origin else {
                    Issue.record("\(key) has no place")
                    return
                }
                let line = Array(lines[location.line - 1].unicodeScalars)
                let rest = String(String.UnicodeScalarView(line[(location.column - 1)...]))
                let written =
                    [key, "\"\(key)", "'\(key)'", "["].contains(where: rest.hasPrefix)
                    || rest.hasPrefix("\"esc")
                #expect(written, "seed \(seed): \(key) at \(location): \(rest)")
            }
        }
    }

    @Test("a mutated document that is accepted is accepted by TOMLKit, with the same values")
    func mutated() {
        var random = SplitMix64(seed: 0x70F1)
        let alphabet = Array("[]{}\"'=.,#\\\n \t0123456789-+_:eExobutfnTZ\r".utf8) + [0x7F, 0xC3, 0xA9, 0x01]
        var accepted = 0, refused = 0
        for round in 0..<3000 {
            var bytes = Array(GeneratedDocument(seed: UInt64(round % 200)).text.utf8)
            for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
                let index = Int.random(in: bytes.indices, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[index] = alphabet.randomElement(using: &random) ?? 0x20
                case 1: bytes.remove(at: index)
                default: bytes.insert(alphabet.randomElement(using: &random) ?? 0x20, at: index)
                }
            }
            // A Swift text cannot carry what is not UTF-8.
            guard let text = String(validating: bytes, as: UTF8.self) else { continue }
            let own = Document(reading: bytes, path: "x")
            // What is refused here cannot be tried there: TOMLKit's assertions end the process.
            guard own.errors.isEmpty else {
                refused += 1
                continue
            }
            accepted += 1
            do {
                #expect(flat(own.root) == flat(try TOMLTable(string: text)), "\(text)")
            } catch {
                Issue.record("TOMLKit: \(error)\n\(text)")
            }
        }
        #expect(accepted > 200 && refused > 1000)
    }

    /// Key paths with their values, sorted.
    private func flat(_ node: Node, _ path: String = "") -> [String] {
        switch node.value {
        case .table(let table):
            ["\(path): table"] + table.keys.flatMap { flat(table[$0] ?? node, path + "/" + $0) }.sorted()
        case .list(let list):
            ["\(path): list of \(list.count)"] + list.enumerated().flatMap { flat($1, "\(path)/\($0)") }
        case .text(let text): ["\(path): text \(text)"]
        case .integer(let integer): ["\(path): \(integer)"]
        case .number(let number): ["\(path): \(number)"]
        case .flag(let flag): ["\(path): \(flag)"]
        case .date: ["\(path): date"]
        case .refused: ["\(path): refused"]
        }
    }

    private func flat(_ value: any TOMLValueConvertible, _ path: String = "") -> [String] {
        if let table = value.table {
            return ["\(path): table"]
                + table.keys.flatMap { key in table[key].map { flat($0, path + "/" + key) } ?? [] }.sorted()
        }
        if let array = value.array {
            return ["\(path): list of \(array.count)"]
                + array.enumerated().flatMap { flat($1, "\(path)/\($0)") }
        }
        if let text = value.string { return ["\(path): text \(text)"] }
        if let integer = value.int { return ["\(path): \(integer)"] }
        if let number = value.double { return ["\(path): \(number)"] }
        if let flag = value.bool { return ["\(path): \(flag)"] }
        return ["\(path): date"]
    }

    private func visit(_ node: Node, _ key: String, _ body: (String, Origin) -> Void) {
        for key in node.table?.keys ?? [] {
            guard let inner = node[key] else { continue }
            body(key, inner.origin)
            visit(inner, key, body)
        }
        for element in node.list ?? [] { visit(element, key, body) }
    }
}
