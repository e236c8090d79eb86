import Configuration
import Testing

/// The file that the package installs.
struct AnnotatedFileTests {
    private let text = Settings.example.annotatedFile

    @Test("the annotated file is accepted, says every key, and means the defaults")
    func accepted() {
        let loaded = LoadedSettings.of(text)
        #expect(loaded.lines == [])
        #expect(loaded.settings == Settings.example)
        #expect(loaded.effective.filter { $0.origin == .standard }.map(\.path) == [])
    }

    @Test("no line of it is wider than 110 characters, and every key has a comment or speaks for itself")
    func width() {
        #expect(text.split(separator: "\n").filter { $0.count > 110 } == [])
        #expect(text.contains("width = 1280                     # px [16..16384]\n"))
        #expect(text.contains("[camera.line]                    # kind linescan only\n"))
    }
}
