import Testing

/// Holds the sources against the habits that a reader relies on.
struct SourceTests {
    /// Files that may be longer than `longestFile`, each with its reason.
    private static let longFiles: [String: String] = [:]
    private static let longestFile = 400

    @Test("the sources are found where the tests look for them")
    func sourcesAreFound() {
        #expect(!SourceFile.all(under: "Sources").isEmpty)
        #expect(SourceFile.all(under: "Tests").contains { $0.path.hasSuffix("/SourceTests.swift") })
    }

    @Test("no file is longer than 400 lines without a reason", arguments: ["Sources", "Tests"])
    func lengths(folder: String) {
        for file in SourceFile.all(under: folder) where Self.longFiles[file.path] == nil {
            #expect(
                file.lines.count <= Self.longestFile,
                "\(file.path) has \(file.lines.count) lines. Split it, or give its reason in longFiles.")
        }
    }

    @Test("every exception for a long file is still needed")
    func exceptionsAreNeeded() {
        let files = SourceFile.all(under: "Sources") + SourceFile.all(under: "Tests")
        for path in Self.longFiles.keys {
            let count = files.first { $0.path == path }?.lines.count ?? 0
            #expect(count > Self.longestFile, "\(path) has \(count) lines. Take it out of longFiles.")
        }
    }

    @Test(
        "bad input is never answered with a trap, and nothing is left for later",
        arguments: [
            "fatalError(", "TODO", "FIXME",
        ])
    func forbiddenWords(word: String) {
        for file in SourceFile.all(under: "Sources") {
            #expect(file.lineNumbers(containing: word) == [], "\(file.path) says '\(word)' on these lines")
        }
    }

    @Test(
        "modules of the hot path do not import Foundation", arguments: ["Kernels", "Inference", "Platform"])
    func noFoundation(module: String) {
        for file in SourceFile.all(under: "Sources/\(module)") {
            #expect(!file.imports.contains { $0.hasPrefix("Foundation") }, "\(file.path) imports Foundation")
        }
    }

    @Test("no type is named like a module of the package")
    func typeNames() {
        let modules = Set(Rows.linewatch.targets.flatMap { $0 })
        for file in SourceFile.all(under: "Sources") where file.isSwift {
            #expect(file.declaredTypes.intersection(modules) == [], "\(file.path) declares this type")
        }
    }
}

/// Shows that the reader of source files sees what it is asked for.
struct SourceFileTests {
    @Test("imports are seen with and without an access level or attribute")
    func imports() {
        let text = "import A\npublic import B\n@preconcurrency import C\n// import D\nlet e = 1\n"
        #expect(SourceFile(path: "x.swift", text: text).imports == ["A", "B", "C"])
    }

    @Test("type declarations are seen behind modifiers and not in comments")
    func declarations() {
        let text = "public final class A {\n    struct B: ~Copyable {}\n}\n// struct C\ntypealias D = Int\n"
        #expect(SourceFile(path: "x.swift", text: text).declaredTypes == ["A", "B", "D"])
    }

    @Test("lines are counted as editors count them")
    func lines() {
        #expect(SourceFile(path: "x.c", text: "").lines.isEmpty)
        #expect(SourceFile(path: "x.c", text: "a\n\nb\n").lines.count == 3)
        #expect(SourceFile(path: "x.c", text: "a\nb").lineNumbers(containing: "b") == [2])
    }
}
