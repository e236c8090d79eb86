import Configuration
import Foundation
import Testing

/// The messages as an operator reads them: `NAME.toml` in the folder Golden gives the lines of `NAME.txt`.
struct MessageTests {
    @Test(
        "a bad file gives these lines, all of them, in the order of the file",
        arguments: [
            "mistyped", "types", "references", "cameras", "inspections", "syntax", "empty", "sockets",
        ])
    func messages(name: String) throws {
        let text = try String(contentsOfFile: TestTexts.golden("\(name).toml"), encoding: .utf8)
        let expected = try String(contentsOfFile: TestTexts.golden("\(name).txt"), encoding: .utf8)
        let path = "/etc/linewatch/linewatch.toml"
        let loaded = Settings.load([SettingsText(path: path, text: text)], environment: [:])
        let found = loaded.lines.map { $0 + "\n" }.joined()
        if ProcessInfo.processInfo.environment["LINEWATCH_WRITE_GOLDEN"] != nil {
            let folder = URL(filePath: #filePath).deletingLastPathComponent()
            try Data(found.utf8).write(to: folder.appending(path: "Golden/\(name).txt"))
        }
        #expect(found == expected)
    }

    @Test("the suggestion is the nearest word, within two steps, or the only one that begins so")
    func suggestions() {
        let names = ["deadline_ms", "debounce", "camera", "cluster", "n", "of"]
        #expect(Suggestion.nearest(to: "deadlin_ms", among: names) == "deadline_ms")
        #expect(Suggestion.nearest(to: "daedline_ms", among: names) == "deadline_ms")
        #expect(Suggestion.nearest(to: "dead", among: names) == "deadline_ms")
        #expect(Suggestion.nearest(to: "de", among: names) == nil)
        #expect(Suggestion.nearest(to: "camra", among: names) == "camera")
        #expect(Suggestion.nearest(to: "wholly", among: names) == nil)
        #expect(Suggestion.nearest(to: "", among: names) == nil)
        #expect(Suggestion.distance(Array("ca".unicodeScalars), Array("abc".unicodeScalars)) == 3)
        #expect(Suggestion.distance(Array("abcd".unicodeScalars), Array("acbd".unicodeScalars)) == 1)
    }
}
