import Configuration
import Platform
import Testing

/// What is not TOML, with its place.
struct SyntaxErrorTests {
    @Test(
        "a text that is not TOML is refused where it goes wrong",
        arguments: [
            ("a = ", "1:5 a value is missing after \"=\""),
            ("= 1", "1:1 expected a key, found \"=\""),
            ("a b = 1", "1:3 expected \"=\" after the key \"a\", found \"b\""),
            ("a = 1 b = 2", "1:7 unexpected \"b\" after the end of the statement"),
            ("[a\n", "1:3 the header lacks its closing \"]\""),
            ("[[a]\n", "1:5 the header lacks its closing \"]]\""),
            ("[]", "1:2 expected a key, found \"]\""),
            ("a = \"open\n", "1:5 the text that begins here has no closing quote"),
            ("a = '''\n\nb", "1:5 the text that begins here has no closing quote"),
            (
                "a = \"\\x\"",
                "1:6 unknown escape. A backslash itself is written \"\\\\\", or the text put between ' and '"
            ),
            ("a = \"\\ud800\"", "1:6 the escape does not name a character"),
            ("a = [1, 2", "1:5 the list that begins here lacks its closing \"]\""),
            ("a = [1 2]", "1:8 expected \",\" or \"]\" in the list, found \"2\""),
            ("a = { b = 1, }", "1:14 expected a key, found \"}\""),
            ("a = { b = 1\n}", "1:12 expected \",\" or \"}\" in the table, found end of line"),
            ("a = 01", "1:5 \"01\" is not a value"),
            ("a = 1__0", "1:5 \"1__0\" is not a value"),
            ("a = 1.", "1:5 \"1.\" is not a value"),
            ("a = 9223372036854775808", "1:5 \"9223372036854775808\" is not a value"),
            ("a = 1979-02-30", "1:5 \"1979-02-30\" is not a value"),
            ("a = auto", "1:5 \"auto\" is not a value. Texts stand between double quotes"),
            ("a = 1\na = 2", "2:1 \"a\" is already defined at line 1, column 1"),
            ("[a]\n[a]", "2:2 \"a\" is already defined at line 1, column 1"),
            ("[a]\n[[a]]", "2:3 \"a\" is already defined at line 1, column 1"),
            ("a = []\n[[a]]", "2:3 \"a\" is already defined at line 1, column 1"),
            ("a = {}\n[a.b]", "2:2 \"a\" is already defined at line 1, column 1"),
            ("a.b = 1\n[a]", "2:2 \"a\" is already defined at line 1, column 1"),
            ("[a.b]\n[a]\nb.c = 1", "3:1 \"b\" is already defined at line 1, column 1"),
            ("é = 1", "1:1 expected a key, found \"é\""),
            ("a = \"é\" ü", "1:9 unexpected \"ü\" after the end of the statement"),
            ("a = \"\u{1}\"", "1:6 control character 1 in a text"),
            ("# \u{7F}", "1:3 control character 127 in a comment"),
            ("\"\"\"a\"\"\" = 1", "1:1 a key cannot be a text over several lines"),
        ])
    func refused(text: String, error: String) {
        #expect(errors(text) == [error])
    }

    @Test("all errors of a file are listed, and what is between them is read")
    func recovery() {
        let text = """
            a = 
            b = 2
            [c
            d = [1,
              "x" "y",
              2]
            [e]
            f = 'ok'
            g = "
            """
        let document = Document(reading: Array(text.utf8), path: "x")
        #expect(document.errors.map(\.location.line) == [1, 3, 5, 9])
        #expect(document.root["b"]?.value == .integer(2))
        #expect(document.root["e"]?["f"]?.value == .text("ok"))
        // What follows a broken header is in no table.
        #expect(document.root["d"] == nil)
    }

    @Test("bytes that are not UTF-8 are refused where they begin")
    func encoding() {
        let bytes = Array("a = 1\nb = \"é".utf8) + [0xFF] + Array("\"\n".utf8)
        let document = Document(reading: bytes, path: "x")
        #expect(document.errors.map { "\($0.location)" } == ["x:2:7"])
    }

    @Test("a byte order mark, tabs and CR LF do not move positions")
    func marks() {
        let document = Document(reading: [0xEF, 0xBB, 0xBF] + Array("a = 1\r\n\tb = 2\r\n".utf8), path: "x")
        #expect(document.errors == [])
        #expect(document.root["a"]?.origin == .file(SourceLocation(path: "x", line: 1, column: 1)))
        #expect(document.root["b"]?.origin == .file(SourceLocation(path: "x", line: 2, column: 2)))
    }

    @Test("nesting without end is refused, not followed")
    func depth() {
        for text in [
            "a = " + String(repeating: "[", count: 100_000),
            "a = " + String(repeating: "{ a = ", count: 100_000),
            "[" + String(repeating: "a.", count: 100_000) + "a]",
            String(repeating: "a.", count: 100_000) + "a = 1",
        ] {
            #expect(errors(text).count == 1, "\(text.prefix(20))")
        }
    }

    @Test("random bytes never trap")
    func random() {
        var random = SplitMix64(seed: 0xF023)
        for _ in 0..<2000 {
            let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            _ = Document(reading: bytes, path: "x")
        }
    }

    private func errors(_ text: String) -> [String] {
        Document(reading: Array(text.utf8), path: "x").errors.map {
            "\($0.location.line):\($0.location.column) \($0.message)"
        }
    }
}
